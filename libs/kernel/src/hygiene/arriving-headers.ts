import { headerRules } from "./header-rules.ts";

/** These are read by the gateway and are still there for the service. */
const readAndPassedOn = ["content-length", "cookie"];

/**
 * Tells of a name in lower case whether a client's header of that name is still there behind the hygiene of both tiers.
 * `managed`: further names that only the gateways set.
 */
export function arrivingHeaders(managed: readonly string[]): (name: string) => boolean {
  const rules = (["strangers", "security-tier"] as const).map((from) => headerRules({ from, managed }));
  return (name) => readAndPassedOn.includes(name) || rules.every((ruleOf) => ruleOf(name).fate === "keep");
}
