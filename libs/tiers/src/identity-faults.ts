import type { Problem } from "@tandem/platform/config/diagnostic";
import type { TandemConfig } from "./config.ts";

/** What routes promise their services about the caller and nobody would keep, and what is prepared for no route. */
export function identityFaults({ security, routing }: TandemConfig): Problem[] {
  if (!routing) return [];
  const { routes, serviceTokens } = routing;
  const faults: Problem[] = [];
  for (const [index, { identity }] of routes.entries()) {
    const path = ["routing", "routes", index, "identity"];
    if (identity.kind === "token" && !serviceTokens)
      faults.push({ path, message: "nobody signs tokens for services", expected: "a section routing.serviceTokens" });
    if (identity.kind === "credential" && security && !security.assertion.carryCredential)
      faults.push({
        path,
        message: "the security tier takes no credential along",
        expected: "security.assertion.carryCredential: true",
      });
  }
  const isAskedFor = (kind: string): boolean => routes.some(({ identity }) => identity.kind === kind);
  if (serviceTokens && !isAskedFor("token"))
    faults.push({ path: ["routing", "serviceTokens"], at: "key", message: "no route asks for a token" });
  if (security?.assertion.carryCredential && !isAskedFor("credential"))
    faults.push({
      path: ["security", "assertion", "carryCredential"],
      message: "no route passes a credential on to its service",
    });
  return faults;
}
