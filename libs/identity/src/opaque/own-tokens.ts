import type { Clock } from "@tandem/platform/clock";
import type { Store } from "@tandem/platform/store/store";
import { tokenError } from "../authenticate/token-error.ts";
import type { Verified } from "../authenticate/verified.ts";
import type { EmbeddedIssuerOptions } from "../issuers/config.ts";
import { claimsOfKept, isOurForm, type Claims } from "./kept-token.ts";
import { verifiedOf } from "./verified-of.ts";

interface OwnTokensOptions {
  readonly issuer: EmbeddedIssuerOptions;
  readonly store: Store;
  readonly clock: Clock;
}

/** A token as it was presented, and its SHA-256 in base64url. */
export interface OpaqueText {
  readonly text: string;
  readonly digest: string;
  /** Nothing of it is remembered. */
  readonly dry?: boolean;
}

/** What a good token is worth, and the claims from which that follows. */
export interface OwnToken {
  readonly verified: Verified;
  readonly claims: Claims;
}

/** Replicas share one store but not one clock. */
const clockSkew = 5000;
/** As for every credential: whoever remembers it longer is not asked. */
const keepFor = 60_000;

/** Says for whom an opaque token of our own stands. It is asked of the store, which is the same for all gateways. */
export function ownTokens({ issuer, store, clock }: OwnTokensOptions): (token: OpaqueText) => Promise<OwnToken> {
  const rules = { issuer: issuer.issuer, audiences: issuer.audience, clockSkew, keepFor, method: "opaque" } as const;
  return async ({ text, digest }) => {
    if (!isOurForm(text)) throw tokenError("token.malformed", "its checksum is wrong");
    const claims = await claimsOfKept(digest, store);
    if (!claims) throw tokenError("token.inactive");
    // Gateways of another issuer may share the store.
    if (claims["iss"] !== issuer.issuer) throw tokenError("token.issuer");
    return { claims, verified: verifiedOf(claims, { ...rules, now: clock.now() }) };
  };
}
