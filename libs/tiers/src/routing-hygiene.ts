import { identityHeaders } from "@tandem/identity/upstream-identity/stage";
import type { RoutingConfig } from "./config.ts";

/** How the routing tier cleans requests: also of the headers in which its routes tell services of the caller. */
export const routingHygiene = ({ listen, hygiene, routes }: Pick<RoutingConfig, "listen" | "hygiene" | "routes">) => ({
  from: "security-tier" as const,
  limits: listen.limits,
  ...hygiene,
  managed: [...hygiene.managed, ...identityHeaders(routes)],
});
