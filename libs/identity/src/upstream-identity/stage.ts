import { credentialHeader } from "@tandem/contracts/assertion";
import { GatewayError } from "@tandem/contracts/errors";
import { isAnonymous } from "@tandem/contracts/principal";
import type { Route, UpstreamIdentity } from "@tandem/contracts/route";
import type { Exchange } from "@tandem/kernel/exchange";
import { firstValue } from "@tandem/kernel/header-list";
import type { Stage } from "@tandem/kernel/stage";
import { identityValue } from "./identity-value.ts";
import type { ServiceTokens } from "./service-tokens.ts";

interface UpstreamIdentityParts {
  /** Needed where a route asks for tokens. */
  readonly tokens?: ServiceTokens | undefined;
}

/**
 * Tells the service of a route what the route says it may know of the caller. What a client itself says under these names
 * the hygiene stage has taken away: `authorization` and `x-api-key` in any case, and every name of `identityHeaders`.
 */
export function upstreamIdentity({ tokens }: UpstreamIdentityParts): Stage {
  return {
    name: "upstreamIdentity",
    run(exchange) {
      const { outgoing, principal, route, transport } = exchange;
      const identity = route?.identity;
      if (!identity || identity.kind === "none") return;
      if (identity.kind === "credential") return passCredential(exchange);
      if (isAnonymous(principal)) return;
      if (identity.kind === "headers") return tell(exchange, identity);
      if (!tokens)
        throw new GatewayError("server.error", { cause: new Error("a route asks for a token, and nobody signs any") });
      if (transport.kind === "dry") return;
      outgoing.set("authorization", `Bearer ${tokens.tokenFor(principal, identity.audience)}`);
    },
    explain({ route, principal }) {
      const identity = route?.identity ?? { kind: "none" };
      if (identity.kind === "headers") return { told: isAnonymous(principal) ? [] : Object.keys(identity.headers) };
      return identity.kind === "token" ? { kind: "token", audience: identity.audience } : { kind: identity.kind };
    },
  };
}

/** The headers that speak for the caller on some route: on no other may they be a stranger's. */
export const identityHeaders = (routes: readonly Pick<Route, "identity">[]): string[] => [
  ...new Set(routes.flatMap(({ identity }) => (identity?.kind === "headers" ? Object.keys(identity.headers) : []))),
];

function tell({ outgoing, principal }: Exchange, { headers }: UpstreamIdentity & { kind: "headers" }): void {
  for (const name in headers) {
    const value = identityValue(principal, headers[name]!);
    if (value !== undefined) outgoing.set(name, value);
  }
}

/** What the security tier carries along: the name of the header in which it came, a blank, and its value. */
function passCredential({ outgoing, request }: Exchange): void {
  const carried = firstValue(request.headers, credentialHeader);
  if (carried === undefined) return;
  const blank = carried.indexOf(" ");
  const name = carried.slice(0, blank);
  if (name === "authorization" || name === "x-api-key") outgoing.set(name, carried.slice(blank + 1));
}
