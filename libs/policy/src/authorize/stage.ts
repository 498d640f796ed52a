import { bearerChallenge } from "@tandem/contracts/challenge";
import { GatewayError } from "@tandem/contracts/errors";
import { isAnonymous } from "@tandem/contracts/principal";
import type { AccessDecision } from "@tandem/contracts/route";
import type { Stage } from "@tandem/kernel/stage";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { AccessPlan } from "./compile-access.ts";
import { decide, scopesAsked } from "./decide.ts";
import { explainAccess } from "./explain-access.ts";

interface AuthorizeOptions {
  /** By the name of the route (`compileAccess`). */
  readonly plans: ReadonlyMap<string, AccessPlan>;
  readonly clock?: Pick<Clock, "now">;
}

/** Lets through whoever the route and the policies allow. */
export function authorize({ plans, clock = systemClock }: AuthorizeOptions): Stage {
  const now = (): number => clock.now();
  return {
    name: "authorize",
    run(exchange) {
      const { principal, route } = exchange;
      const plan = route && plans.get(route.name);
      if (!plan) throw new GatewayError("server.error", { cause: new Error("authorize: no route was matched before") });
      const decision = decide(plan, exchange, now);
      exchange.record.decision = decision;
      if (decision.effect === "allow") return;
      throw isAnonymous(principal) && !decision.regardless ? identityRequired() : denied(plan, decision);
    },
    explain(exchange) {
      const plan = exchange.route && plans.get(exchange.route.name);
      return plan && explainAccess(plan, exchange, now);
    },
  };
}

/** RFC 6750 §3.1: a request without credentials is told the scheme, and nothing of what it would need. */
const identityRequired = (): GatewayError =>
  new GatewayError("identity.required", { headers: { "www-authenticate": bearerChallenge } });

/** The rule and the scopes that are missing are the client's to know; conditions, roles and whom else there is are not. */
function denied(plan: AccessPlan, decision: AccessDecision): GatewayError {
  const { rule, reason, missing = [], regardless } = decision;
  return new GatewayError("access.denied", {
    detail: reason,
    ...(!regardless && { headers: { "www-authenticate": challenge(scopesAsked(plan, decision)) } }),
    members: { rule, missing },
  });
}

/** The scopes named are all that the route needs, not only those missing: what to ask of a token issuer. */
const challenge = (scopes: readonly string[]): string =>
  scopes.length > 0
    ? `Bearer error="insufficient_scope", scope="${scopes.join(" ")}"`
    : 'Bearer error="insufficient_scope"';
