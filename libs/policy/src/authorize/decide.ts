import { isAnonymous, type Principal } from "@tandem/contracts/principal";
import type { AccessDecision, NearMiss, ShadowDecision } from "@tandem/contracts/route";
import { Facts, type Question } from "../condition/facts.ts";
import { needsOf, type AccessPlan, type CompiledRule, type RuleSet } from "./compile-access.ts";
import { belongsTo, holdsAll, holdsOne, lackOf, matchRule, missesOf, unanswered } from "./match-rule.ts";

const byRoute = {
  anyone: { effect: "allow", rule: "anyone", reason: "the route is open to anyone" },
  authenticated: { effect: "allow", rule: "authenticated", reason: "the caller is authenticated" },
  scopes: { effect: "allow", rule: "scopes", reason: "the caller holds every scope of the route" },
  needs: { effect: "allow", rule: "needs", reason: "the caller has all that the route asks for" },
} as const satisfies Record<string, AccessDecision>;
const unknown: AccessDecision = { effect: "deny", rule: "authenticated", reason: "the caller is anonymous" };
const mostNearest = 3;

/**
 * Says whether a request may take its route, and why. First what the route asks of the caller; then deny rules, which
 * override; then, where the route asks for the leave of a policy, an allow rule must match. Allowing allocates nothing
 * where no condition is involved.
 */
export function decide(plan: AccessPlan, question: Question, now: () => number): AccessDecision {
  const { principal } = question;
  const unmet = unmetNeed(plan, principal);
  if (unmet) return unmet;
  const facts = plan.mentions && new Facts(question, plan.mentions, now);
  const decision = byRules(plan, question, facts);
  if (plan.shadows.length === 0) return decision;
  const shadows = plan.shadows.flatMap((set) => shadowOf(set, { plan, decision, question, facts }));
  return shadows.length === 0 ? decision : { ...decision, shadows };
}

/** What the route itself asks for and the caller does not have. */
export function unmetNeed({ allow }: AccessPlan, principal: Principal): AccessDecision | undefined {
  switch (allow.kind) {
    case "anyone":
      return undefined;
    case "authenticated":
      return isAnonymous(principal) ? unknown : undefined;
    case "scopes":
      return holdsAll(principal, allow.scopes) ? undefined : lacking(principal, allow.scopes);
    case "needs": {
      const { scopes, roles, tenant } = allow;
      if (scopes && !holdsAll(principal, scopes)) return lacking(principal, scopes);
      if (roles && !holdsOne(principal, roles))
        return refusal(principal, "roles", "the caller has no role of the route");
      if (tenant === undefined || belongsTo(principal, tenant)) return undefined;
      return refusal(principal, "tenant", "the caller is of another tenant");
    }
    default:
      // A rule that this build does not know allows nobody.
      return refusal(principal, "unknown", `the rule is not understood: ${JSON.stringify(allow satisfies never)}`);
  }
}

const lacking = (principal: Principal, scopes: readonly string[]): AccessDecision => ({
  ...refusal(principal, "scopes", "the caller lacks a scope of the route"),
  missing: lackOf(principal, scopes),
});

const refusal = (principal: Principal, rule: string, reason: string): AccessDecision => ({
  effect: "deny",
  rule,
  reason: isAnonymous(principal) ? unknown.reason : reason,
});

function byRules(plan: AccessPlan, question: Question, facts: Facts | undefined): AccessDecision {
  for (const rule of plan.denies) {
    const outcome = matchRule(rule, question, facts);
    if (outcome === true) return rule.decision;
    // What cannot be told to be harmless is not let through.
    if (outcome !== false)
      return { ...rule.decision, nearest: [{ rule: rule.id, missed: [`when: ${unanswered(outcome)}`] }] };
  }
  if (!plan.asksPolicies) return byRoute[plan.allow.kind];
  for (const rule of plan.allows) if (matchRule(rule, question, facts) === true) return rule.decision;
  return noLeave(plan, question, facts);
}

function noLeave({ allows }: AccessPlan, question: Question, facts: Facts | undefined): AccessDecision {
  const misses = allows
    .map((rule) => ({ rule, missed: missesOf(rule, question, facts) }))
    .toSorted((one, other) => one.missed.length - other.missed.length);
  const nearest = misses.slice(0, mostNearest).map(({ rule, missed }): NearMiss => ({ rule: rule.id, missed }));
  // With nothing but more scopes this caller would get there: that is for the caller to know.
  const step = misses.find(({ rule, missed }) => missed.length === 1 && lacksScopes(rule, question.principal));
  const missing = step?.rule.scopes && lackOf(question.principal, step.rule.scopes);
  return { ...refusal(question.principal, "policies", "no rule allows it"), ...(missing && { missing }), nearest };
}

const lacksScopes = ({ scopes }: CompiledRule, principal: Principal): boolean =>
  scopes !== undefined && !isAnonymous(principal) && !holdsAll(principal, scopes);

interface Watched {
  readonly plan: AccessPlan;
  readonly decision: AccessDecision;
  readonly question: Question;
  readonly facts: Facts | undefined;
}

/** What would be decided otherwise if this policy were enforced too. */
function shadowOf(set: RuleSet, { plan, decision, question, facts }: Watched): ShadowDecision[] {
  const { policy } = set;
  const found = (rules: readonly CompiledRule[], failing: boolean): CompiledRule | undefined =>
    rules.find((rule) => {
      const outcome = matchRule(rule, question, facts);
      return outcome === true || (failing && outcome !== false);
    });
  const denied = found(set.denies, true);
  if (denied) return decision.effect === "allow" ? [{ policy, rule: denied.name, effect: "deny" }] : [];
  if (!set.named) return [];
  const allowed = found(set.allows, false);
  if (decision.rule === "policies") return allowed ? [{ policy, rule: allowed.name, effect: "allow" }] : [];
  const decidedByNeeds = decision.effect === "allow" && !plan.asksPolicies;
  return decidedByNeeds && !allowed ? [{ policy, rule: "default", effect: "deny" }] : [];
}

/** All scopes that a caller has to ask a token issuer for, where scopes are what is missing. */
export function scopesAsked(plan: AccessPlan, { missing, nearest }: AccessDecision): readonly string[] {
  const own = needsOf(plan.allow).scopes ?? [];
  if (!missing || missing.length === 0) return [];
  const rule = plan.allows.find(
    ({ id, scopes }) =>
      nearest?.some((near) => near.rule === id) && scopes && missing.every((one) => scopes.includes(one)),
  );
  return [...new Set([...own, ...(rule?.scopes ?? [])])];
}
