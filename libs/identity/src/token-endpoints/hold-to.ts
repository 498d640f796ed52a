import { GatewayError, problems } from "@tandem/contracts/errors";
import type { RequestView } from "@tandem/kernel/request-view";
import type { Condition, Confirmation, Verified } from "../authenticate/verified.ts";
import { OAuthError, type OAuthErrorCode } from "./oauth-error.ts";

/** A credential that proved good, now or when something was granted for it. */
export interface Proved {
  readonly verified: Verified;
  /** Its SHA-256, in base64url. */
  readonly digest: string;
}

/** Whose the credential has to be: of the client that asks, and of whoever holds what it shows. */
interface Holder {
  readonly request: RequestView;
  readonly shown?: Confirmation | undefined;
}

/** Holds a credential to the same conditions as `authenticate` does: it may be taken back by now, or somebody else's. */
export async function holdTo(
  conditions: readonly Condition[],
  { verified, digest }: Proved,
  { request, shown }: Holder,
): Promise<void> {
  // The proof that shows the key was judged with the token request, and is good for that alone.
  const isKeyShown = shown?.key !== undefined && shown.key === verified.confirmation?.key;
  const scheme = isKeyShown ? ("DPoP" as const) : undefined;
  const presented = { text: "", peer: request.peer, digest, scheme, dry: false };
  for (const condition of conditions) await condition(verified, presented, request);
}

/** Says in the words of OAuth that a credential was refused; for `catch`. Where nobody could tell, it stays what it is. */
export const refusedAs =
  (code: OAuthErrorCode) =>
  (error: unknown): never => {
    if (!(error instanceof GatewayError) || error.status !== 401) throw error;
    throw new OAuthError(code, problems[error.code].title);
  };
