import { isAnonymous, type Principal } from "@tandem/contracts/principal";
import type { AccessNeeds } from "@tandem/contracts/route";
import type { PolicyOptions, RuleOptions } from "./config.ts";

/** A request as the reference sees it; what each condition comes to is simply given. */
export interface ReferenceRequest {
  readonly principal: Principal;
  readonly method: string;
  readonly route: string;
  readonly outcomes: Readonly<Record<string, boolean | "error">>;
}

/** What the README says, word by word, and as slow as it pleases: everything is looked at for every request. */
export function referenceAllows(
  allow: AccessNeeds,
  policies: readonly PolicyOptions[],
  request: ReferenceRequest,
): boolean {
  const { principal, method, route, outcomes } = request;
  const known = !isAnonymous(principal);
  const namesRoute = (patterns: readonly string[]) =>
    patterns.some((one) => one === route || (one.endsWith("*") && route.startsWith(one.replace("*", ""))));
  const fits = (rule: RuleOptions): boolean | "error" => {
    if (rule.routes && !namesRoute(rule.routes)) return false;
    if (rule.methods && !rule.methods.includes(method) && !(method === "HEAD" && rule.methods.includes("GET")))
      return false;
    const called = [known ? "authenticated" : "anonymous"];
    if (known) called.push(`subject:${principal.subject}`, `client:${principal.client}`);
    if (rule.principals && !rule.principals.some((one) => called.includes(one))) return false;
    if ((rule.scopes || rule.roles || rule.tenant) && !known) return false;
    if (rule.scopes && !rule.scopes.every((one) => principal.scopes.includes(one))) return false;
    if (rule.roles && !rule.roles.some((one) => principal.roles.includes(one))) return false;
    if (rule.tenant && rule.tenant !== principal.tenant) return false;
    return rule.when === undefined ? true : outcomes[rule.when]!;
  };
  const named = (policy: PolicyOptions) => allow.policies?.includes(policy.name) ?? false;
  const enforced = policies.filter(
    (policy) => policy.mode === "enforce" && (named(policy) || (policy.routes && namesRoute(policy.routes))),
  );
  for (const policy of enforced)
    for (const rule of policy.rules) if (rule.effect === "deny" && fits(rule) !== false) return false;

  if ((allow.scopes || allow.roles || allow.tenant) && !known) return false;
  if (allow.scopes && !allow.scopes.every((one) => principal.scopes.includes(one))) return false;
  if (allow.roles && !allow.roles.some((one) => principal.roles.includes(one))) return false;
  if (allow.tenant && allow.tenant !== principal.tenant) return false;
  if (!allow.policies) return true;
  const leaves = enforced.filter(named);
  if (leaves.length === 0) return allow.scopes !== undefined || allow.roles !== undefined || allow.tenant !== undefined;
  return leaves.some((policy) => policy.rules.some((rule) => rule.effect === "allow" && fits(rule) === true));
}
