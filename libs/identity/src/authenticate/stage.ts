import type { Principal } from "@tandem/contracts/principal";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Stage } from "@tandem/kernel/stage";
import { systemClock, type Clock } from "@tandem/platform/clock";
import { Passport } from "passport";
import type { Issuers } from "../issuers/issuer.ts";
import { credentialOf } from "./credential.ts";
import { JwtStrategy, PresentedToken } from "./jwt-strategy.ts";
import { tokenError } from "./token-error.ts";

interface AuthenticateOptions {
  readonly issuers: Issuers;
  readonly clock?: Clock;
  /** How many verified tokens are remembered at most. */
  readonly capacity?: number;
}

const once = { session: false, authInfo: false };

/**
 * Finds out who calls. A request without a credential is anonymous, and what that is worth is the routing tier's decision;
 * one with a bad credential ends here.
 */
export function authenticate({ issuers, clock = systemClock, ...options }: AuthenticateOptions): Stage {
  const passport = new Passport();
  // By name: passport derives a fresh object for each request then; an instance would be shared by all of them.
  passport.use("jwt", new JwtStrategy({ issuers, clock, ...options }));
  return {
    name: "authenticate",
    run(exchange) {
      const credential = credentialOf(exchange.request.headers);
      if (!credential) return;
      return judge(passport, new PresentedToken(credential.text), { exchange, strategy: credential.strategy });
    },
  };
}

interface Case {
  readonly exchange: Exchange;
  readonly strategy: string;
}

/** Runs one passport strategy; synchronously, where it is synchronous. */
function judge(
  passport: InstanceType<typeof Passport>,
  presented: object,
  { exchange, strategy }: Case,
): void | Promise<void> {
  let settled = false;
  let refusal: unknown;
  let wake: (() => void) | undefined;
  passport.authenticate(strategy, once, (error: unknown, principal: Principal | false | undefined, reason: unknown) => {
    settled = true;
    if (principal) exchange.principal = principal;
    // Form, issuer, key and claims are refused in our own words; what the verifier refuses beyond that is the signature.
    else refusal = error ?? tokenError("token.signature", undefined, reason);
    wake?.();
  })(presented);
  const finish = (): void => {
    if (refusal !== undefined) throw refusal;
  };
  if (settled) return finish();
  return new Promise<void>((resolve) => {
    wake = resolve;
  }).then(finish);
}
