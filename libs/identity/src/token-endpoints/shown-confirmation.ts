import type { RequestView } from "@tandem/kernel/request-view";
import type { Confirmation } from "../authenticate/verified.ts";
import type { DpopProofs } from "../dpop/dpop-proofs.ts";
import { ProofError } from "../dpop/proof-error.ts";
import type { ClientOptions } from "../issuers/config.ts";
import { OAuthError } from "./oauth-error.ts";

/**
 * What a client, which has proved itself, shows to hold, and to which its tokens are to be bound: the key of the proof
 * that it sends (RFC 9449 §5), and the certificate of its connection where it is registered so, or proves itself by it
 * (RFC 8705 §3).
 */
export async function shownConfirmation(
  request: RequestView,
  { bound, certificate: ownCertificate }: ClientOptions,
  proofs: DpopProofs | undefined,
): Promise<Confirmation | undefined> {
  const isBoundToCertificate = bound === "certificate" || ownCertificate !== undefined;
  const certificate = isBoundToCertificate ? request.peer.tls?.certificate : undefined;
  if (isBoundToCertificate && certificate === undefined)
    throw new OAuthError("invalid_request", "tokens of this client are bound to a certificate, and none was shown");
  const key = await proofs?.keyShown(request).catch(inOAuth);
  if (bound === "key" && key === undefined)
    throw new OAuthError("invalid_request", "tokens of this client are bound to a key, and no DPoP proof was sent");
  if (certificate === undefined && key === undefined) return undefined;
  return { ...(certificate !== undefined && { certificate }), ...(key !== undefined && { key }) };
}

function inOAuth(error: unknown): never {
  if (!(error instanceof ProofError)) throw error;
  const { code, message, nonce } = error;
  throw new OAuthError(
    code,
    `the DPoP proof: ${message}`,
    nonce === undefined ? {} : { headers: { "dpop-nonce": nonce } },
  );
}

/** What has to be shown for what was granted to a holder, and is given to one who shows more than that. */
export const bothOf = (shown: Confirmation | undefined, granted: Confirmation | undefined): Confirmation | undefined =>
  shown || granted ? { ...shown, ...granted } : undefined;
