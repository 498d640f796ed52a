import type { Exchange } from "@tandem/kernel/exchange";
import type { Stage } from "@tandem/kernel/stage";
import { systemClock, type Clock } from "@tandem/platform/clock";
import { Passport } from "passport";
import type { CacheReading } from "../cache-reading.ts";
import { allOf } from "./all-of.ts";
import { confirmed } from "./confirmed.ts";
import { type Credential, credentialOf } from "./credential.ts";
import { inDpop } from "./dpop-error.ts";
import { explainCredential } from "./explain-credential.ts";
import { Presented } from "./presented.ts";
import type { Kind, KindName } from "./strategy.ts";
import { Verdict } from "./verdict.ts";
import type { Condition, Verified } from "./verified.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

interface AuthenticateOptions {
  /** Every kind of credential that is accepted; exactly one judges a request. */
  readonly kinds: readonly Kind[];
  /** What must hold with every request, beside the binding of a token to its holder. */
  readonly conditions?: readonly Condition[];
  /** Judges the proofs that go with tokens under the DPoP scheme, last of all; without it that scheme is not accepted. */
  readonly proofs?: Condition;
  readonly clock?: Clock;
  /** How many verified credentials of each kind are remembered at most. */
  readonly capacity?: number;
  /** Where it puts its caches, for whoever watches them. */
  readonly caches?: CacheReading[];
}

const once = { session: false, authInfo: false };

/**
 * Finds out who calls. A request without a credential is anonymous, and what that is worth is the routing tier's decision;
 * one with a bad credential ends here. Passport judges what was not seen before; what proved good is known.
 */
export function authenticate(options: AuthenticateOptions): Stage {
  const { kinds, conditions = [], proofs, clock = systemClock, capacity = 10_000, caches } = options;
  const passport = new Passport();
  const known = new Map<KindName, VerifiedTokens>();
  for (const kind of kinds) {
    const tokens = new VerifiedTokens(kind.name, { clock, capacity });
    caches?.push(tokens);
    known.set(kind.name, tokens);
    kind.onChange(() => tokens.forgetAll());
    // By name: passport derives a fresh object for each request then; an instance would be shared by all of them.
    passport.use(kind.name, kind.strategy);
  }
  const held = allOf([confirmed, ...conditions, ...(proofs ? [proofs] : [])]);
  const accepted = { kinds: known, proofs: proofs !== undefined };

  const admit = (exchange: Exchange, presented: Presented, verified: Verified): void | Promise<void> => {
    const pending = held(verified, presented, exchange.request);
    if (pending) return pending.then(() => void (exchange.principal = verified.principal));
    exchange.principal = verified.principal;
  };

  const judge = (exchange: Exchange, credential: Credential): void | Promise<void> => {
    const tokens = known.get(credential.kind);
    if (!tokens) return;
    const presented = new Presented(credential, exchange.request.peer, exchange.transport.kind === "dry");
    const before = presented.dry ? tokens.peek(presented.digest) : tokens.find(presented.digest);
    if (before) return admit(exchange, presented, before);
    const { generation } = tokens;
    const verdict = new Verdict();
    passport.authenticate(credential.kind, once, verdict.settle)(presented);
    return verdict.follow((verified) => {
      // What proved it may have been withdrawn while it was judged.
      if (tokens.generation === generation && !presented.dry) tokens.remember(presented.digest, verified);
      return admit(exchange, presented, verified);
    });
  };

  return {
    name: "authenticate",
    run(exchange) {
      const { transport } = exchange;
      if (transport.kind === "dry" && transport.caller) return void (exchange.principal = transport.caller);
      const credential = credentialOf(exchange.request, accepted);
      if (!credential) return;
      return credential.scheme ? inDpop(() => judge(exchange, credential)) : judge(exchange, credential);
    },
    explain: (exchange) => explainCredential(exchange, accepted),
  };
}
