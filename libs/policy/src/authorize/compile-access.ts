import type { AccessDecision, AccessNeeds, AccessRule } from "@tandem/contracts/route";
import { compileCondition, type Condition } from "../condition/compile-condition.ts";
import type { Mentions } from "../condition/facts.ts";
import type { PolicyOptions, RuleOptions } from "./config.ts";
import { matchesAny } from "./route-patterns.ts";

/** A rule as it is in force on one route. */
export interface CompiledRule {
  /** `policy/rule` */
  readonly id: string;
  readonly name: string;
  readonly methods: readonly string[] | undefined;
  readonly principals: readonly string[] | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly roles: readonly string[] | undefined;
  readonly tenant: string | undefined;
  readonly condition: Condition | undefined;
  /** What is decided where it matches; made once, so that deciding makes nothing. */
  readonly decision: AccessDecision;
}

/** The rules of one policy that concern one route. */
export interface RuleSet {
  readonly policy: string;
  /** Whether the route asks for its leave. */
  readonly named: boolean;
  readonly denies: readonly CompiledRule[];
  readonly allows: readonly CompiledRule[];
}

/** All that is asked about one route, with what does not concern it left out. */
export interface AccessPlan {
  readonly allow: AccessRule;
  /** Whether an allow rule must match: else what the route itself asks for decides. */
  readonly asksPolicies: boolean;
  readonly denies: readonly CompiledRule[];
  readonly allows: readonly CompiledRule[];
  readonly shadows: readonly RuleSet[];
  /** What the conditions read; undefined where there is none. */
  readonly mentions: Mentions | undefined;
}

/** What is compiled for one route, told apart by name. */
interface Ruled {
  readonly name: string;
  readonly allow: AccessRule;
}

/** Compiles the policies for each route by its name; their faults are to be looked for before (`policyFaults`). */
export function compileAccess(routes: readonly Ruled[], policies: readonly PolicyOptions[]): Map<string, AccessPlan> {
  const conditions = new Map<string, Condition>();
  const conditionOf = (text: string): Condition => {
    let condition = conditions.get(text);
    if (!condition) conditions.set(text, (condition = compileCondition(text)));
    return condition;
  };
  const rules = new Map(
    policies.flatMap((policy) => policy.rules.map((rule) => [rule, compileRule(policy, rule, conditionOf)])),
  );
  return new Map(routes.map((route) => [route.name, planOf(route, policies, rules)]));
}

function planOf(
  route: Ruled,
  policies: readonly PolicyOptions[],
  rules: ReadonlyMap<RuleOptions, CompiledRule>,
): AccessPlan {
  const { name, allow } = route;
  const { scopes, roles, tenant, policies: names = [] } = needsOf(allow);
  const setOf = (policy: PolicyOptions): RuleSet => {
    const here = policy.rules.filter((rule) => !rule.routes || matchesAny(rule.routes, name));
    const of = (effect: RuleOptions["effect"]) =>
      here.filter((rule) => rule.effect === effect).flatMap((rule) => rules.get(rule) ?? []);
    return { policy: policy.name, named: names.includes(policy.name), denies: of("deny"), allows: of("allow") };
  };
  const concerned = policies.filter(
    (policy) => names.includes(policy.name) || (policy.routes && matchesAny(policy.routes, name)),
  );
  const enforced = concerned.filter(({ mode }) => mode === "enforce").map(setOf);
  const shadows = concerned.filter(({ mode }) => mode === "shadow").map(setOf);
  const otherNeeds = scopes !== undefined || roles !== undefined || tenant !== undefined;
  return {
    allow,
    // Where nothing but policies could allow it and none of them is in force, nobody may.
    asksPolicies: names.length > 0 && (!otherNeeds || enforced.some(({ named }) => named)),
    denies: enforced.flatMap(({ denies }) => denies),
    allows: enforced.filter(({ named }) => named).flatMap(({ allows }) => allows),
    shadows,
    mentions: mentionsOf([...enforced, ...shadows]),
  };
}

/** What a rule of any form asks of a caller. */
export const needsOf = (allow: AccessRule): AccessNeeds =>
  allow.kind === "scopes" || allow.kind === "needs" ? allow : {};

function compileRule(policy: PolicyOptions, rule: RuleOptions, conditionOf: (text: string) => Condition): CompiledRule {
  const { name, effect, methods, principals, scopes, roles, tenant, when } = rule;
  const id = `${policy.name}/${name}`;
  const decision: AccessDecision =
    effect === "allow"
      ? { effect, rule: id, reason: "a rule allows it" }
      : // Whom a rule refuses for being nobody may come back as somebody.
        {
          effect,
          rule: id,
          reason: "a rule denies it",
          ...(!principals?.includes("anonymous") && { regardless: true }),
        };
  return {
    id,
    name,
    methods: methods && withHead(methods),
    principals,
    scopes,
    roles,
    tenant,
    condition: when === undefined ? undefined : conditionOf(when),
    decision: Object.freeze(decision),
  };
}

/** GET implies HEAD, as it does in the routes. */
export const withHead = (methods: readonly string[]): readonly string[] =>
  methods.includes("GET") && !methods.includes("HEAD") ? [...methods, "HEAD"] : methods;

function mentionsOf(sets: readonly RuleSet[]): Mentions | undefined {
  const conditions = sets
    .flatMap(({ denies, allows }) => [...denies, ...allows])
    .flatMap(({ condition }) => condition ?? []);
  if (conditions.length === 0) return undefined;
  const union = (of: (condition: Condition) => ReadonlySet<string> | "all"): ReadonlySet<string> | "all" => {
    const names = new Set<string>();
    for (const condition of conditions) {
      const some = of(condition);
      if (some === "all") return some;
      for (const one of some) names.add(one);
    }
    return names;
  };
  return { headers: union(({ headers }) => headers), query: union(({ query }) => query) };
}
