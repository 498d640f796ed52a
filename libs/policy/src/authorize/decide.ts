import { isAnonymous, type Principal } from "@tandem/contracts/principal";
import type { AccessDecision, Route } from "@tandem/contracts/route";

const openToAnyone: AccessDecision = { effect: "allow", rule: "anyone", reason: "the route is open to anyone" };
const known: AccessDecision = { effect: "allow", rule: "authenticated", reason: "the caller is authenticated" };
const unknown: AccessDecision = { effect: "deny", rule: "authenticated", reason: "the caller is anonymous" };
const entitled: AccessDecision = {
  effect: "allow",
  rule: "scopes",
  reason: "the caller holds every scope of the route",
};

/** Says whether a caller may take a route, and why. Allowing allocates nothing. */
export function decide(principal: Principal, { allow }: Pick<Route, "allow">): AccessDecision {
  switch (allow.kind) {
    case "anyone":
      return openToAnyone;
    case "authenticated":
      return isAnonymous(principal) ? unknown : known;
    case "scopes":
      return byScopes(principal, allow.scopes);
    default:
      return deny(allow satisfies never);
  }
}

function byScopes(principal: Principal, required: readonly string[]): AccessDecision {
  if (required.every((scope) => principal.scopes.includes(scope)) && !isAnonymous(principal)) return entitled;
  return {
    effect: "deny",
    rule: "scopes",
    reason: isAnonymous(principal) ? unknown.reason : "the caller lacks a scope of the route",
    missing: required.filter((scope) => !principal.scopes.includes(scope)),
  };
}

/** A rule that this build does not know allows nobody. */
const deny = (rule: unknown): AccessDecision => ({
  effect: "deny",
  rule: "unknown",
  reason: `the rule is not understood: ${JSON.stringify(rule)}`,
});
