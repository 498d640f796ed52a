import type { Ids } from "@tandem/platform/random";

/** What a request says of itself, none of it believed yet. */
export interface Claims {
  readonly userAgent: string | undefined;
  readonly requestIds: readonly string[];
  readonly traceparents: readonly string[];
  readonly tracestates: readonly string[];
  readonly baggage: readonly string[];
}

/** An id that a tier of ours has minted. */
const ours = /^[a-z2-7]{26}$/;
/** What may stand in a log as the client's own name for its request. */
const sane = /^[\w.:/+=@-]{1,128}$/;

interface Circumstances {
  readonly trusted: boolean;
  readonly ids: Pick<Ids, "requestId">;
}

/** The id of a request: the security tier's where it may give one, else a new one; a stranger's own is only noted. */
export function requestIds(
  claimed: readonly string[],
  { trusted, ids }: Circumstances,
): { readonly id: string; readonly clientRequestId: string | undefined } {
  const claim = claimed.length === 1 ? claimed[0] : undefined;
  if (claim === undefined) return { id: ids.requestId(), clientRequestId: undefined };
  if (trusted && ours.test(claim)) return { id: claim, clientRequestId: undefined };
  return { id: ids.requestId(), clientRequestId: sane.test(claim) ? claim : undefined };
}
