import type { Presented } from "./presented.ts";
import type { CredentialStrategy, Kind } from "./strategy.ts";
import { tokenError } from "./token-error.ts";
import type { Verified } from "./verified.ts";

/**
 * Has a kind judge a credential that is not the caller's own, such as a token that somebody asks about: what passport does
 * with a strategy, without a request. Rejects with what was refused; what must hold with every request is not looked at.
 */
export function judge({ strategy }: Kind, presented: Presented): Promise<Verified> {
  return new Promise((resolve, reject) => {
    const once: CredentialStrategy = Object.create(strategy);
    once.success = resolve;
    once.error = reject;
    // Form, issuer, key and claims are refused as errors; what the verifier refuses beyond that is the signature.
    once.fail = (reason) => reject(tokenError("token.signature", undefined, reason));
    once.authenticate(presented);
  });
}
