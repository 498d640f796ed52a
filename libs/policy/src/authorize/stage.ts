import { bearerChallenge } from "@tandem/contracts/challenge";
import { GatewayError } from "@tandem/contracts/errors";
import { isAnonymous } from "@tandem/contracts/principal";
import type { Route } from "@tandem/contracts/route";
import type { Stage } from "@tandem/kernel/stage";
import { decide } from "./decide.ts";

/** Lets through whoever the route allows. The rules come with the routes, so the stage itself has nothing to configure. */
export function authorize(): Stage {
  return {
    name: "authorize",
    run(exchange) {
      const { principal, route } = exchange;
      if (!route)
        throw new GatewayError("server.error", { cause: new Error("authorize: no route was matched before") });
      const decision = decide(principal, route);
      exchange.record.decision = decision;
      if (decision.effect === "allow") return;
      if (isAnonymous(principal)) throw identityRequired();
      const { rule, reason, missing = [] } = decision;
      throw new GatewayError("access.denied", {
        detail: reason,
        headers: { "www-authenticate": challenge(route) },
        members: { rule, missing },
      });
    },
  };
}

/** RFC 6750 §3.1: a request without credentials is told the scheme, and nothing of what it would need. */
const identityRequired = (): GatewayError =>
  new GatewayError("identity.required", { headers: { "www-authenticate": bearerChallenge } });

/** The scopes named are all that the route needs, not only those missing: what to ask of a token issuer. */
const challenge = ({ allow }: Route): string =>
  allow.kind === "scopes"
    ? `Bearer error="insufficient_scope", scope="${allow.scopes.join(" ")}"`
    : 'Bearer error="insufficient_scope"';
