import type { Principal } from "@tandem/contracts/principal";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Stage } from "@tandem/kernel/stage";
import { systemClock, type Clock } from "@tandem/platform/clock";
import { Passport } from "passport";
import type { Issuers } from "../issuers/issuer.ts";
import { credentialOf } from "./credential.ts";
import { JwtStrategy, PresentedToken } from "./jwt-strategy.ts";
import { tokenError } from "./token-error.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

interface AuthenticateOptions {
  readonly issuers: Issuers;
  readonly clock?: Clock;
  /** How many verified tokens are remembered at most. */
  readonly capacity?: number;
}

const once = { session: false, authInfo: false };

/**
 * Finds out who calls. A request without a credential is anonymous, and what that is worth is the routing tier's decision;
 * one with a bad credential ends here. Passport judges a token that was not seen before; one that proved good is known.
 */
export function authenticate({ issuers, clock = systemClock, capacity = 10_000 }: AuthenticateOptions): Stage {
  const passport = new Passport();
  const tokens = new VerifiedTokens(clock, capacity);
  for (const { keys } of issuers.byIss.values()) keys.onChange(() => tokens.forgetAll());
  // By name: passport derives a fresh object for each request then; an instance would be shared by all of them.
  passport.use("jwt", new JwtStrategy({ issuers, clock, tokens }));
  return {
    name: "authenticate",
    run(exchange) {
      const credential = credentialOf(exchange.request.headers);
      if (!credential) return;
      const presented = new PresentedToken(credential.text);
      const known = tokens.find(presented.digest);
      if (known) {
        exchange.principal = known;
        return;
      }
      const verdict = new Verdict();
      passport.authenticate(credential.strategy, once, verdict.settle)(presented);
      return verdict.follow(exchange);
    },
  };
}

/**
 * What a strategy says, now or later. Passport's functions, which hold on to this, outlive their request by far: V8 puts
 * what is assigned to a property as a function literal among the old. So nothing here leads to an exchange.
 */
class Verdict {
  #principal: Principal | undefined;
  #refusal: unknown;
  #wake: (() => void) | undefined;

  readonly settle = (error: unknown, principal?: Principal | false, reason?: unknown): void => {
    if (principal) this.#principal = principal;
    // Form, issuer, key and claims are refused in our own words; what the verifier refuses beyond that is the signature.
    else this.#refusal = error ?? tokenError("token.signature", undefined, reason);
    this.#wake?.();
  };

  /** Synchronously, where the strategy was. */
  follow(exchange: Exchange): void | Promise<void> {
    const apply = (): void => {
      if (!this.#principal) throw this.#refusal;
      exchange.principal = this.#principal;
    };
    if (this.#principal !== undefined || this.#refusal !== undefined) return apply();
    return new Promise<void>((resolve) => (this.#wake = resolve)).then(apply);
  }
}
