import { GatewayError, problems } from "@tandem/contracts/errors";
import type { RequestView } from "@tandem/kernel/request-view";
import type { Condition, Verified } from "../authenticate/verified.ts";
import { OAuthError, type OAuthErrorCode } from "./oauth-error.ts";

/** A credential that proved good, now or when something was granted for it. */
export interface Proved {
  readonly verified: Verified;
  /** Its SHA-256, in base64url. */
  readonly digest: string;
}

/** Holds a credential to the same conditions as `authenticate` does: it may be taken back by now, or somebody else's. */
export async function holdTo(
  conditions: readonly Condition[],
  { verified, digest }: Proved,
  request: RequestView,
): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- one after the other, as with every request
  for (const condition of conditions) await condition(verified, { text: "", peer: request.peer, digest }, request);
}

/** Says in the words of OAuth that a credential was refused; for `catch`. Where nobody could tell, it stays what it is. */
export const refusedAs =
  (code: OAuthErrorCode) =>
  (error: unknown): never => {
    if (!(error instanceof GatewayError) || error.status !== 401) throw error;
    throw new OAuthError(code, problems[error.code].title);
  };
