import type { AccessRule } from "@tandem/contracts/route";
import { Facts, type Question } from "../condition/facts.ts";
import type { AccessPlan, CompiledRule, RuleSet } from "./compile-access.ts";
import { missesOf } from "./match-rule.ts";
import { unmetNeed } from "./decide.ts";

/** How one rule stood to a request. */
export interface RuleEvidence {
  /** `policy/rule` */
  readonly rule: string;
  readonly effect: "allow" | "deny";
  /** It is only watched. */
  readonly shadow?: true;
  /** Nothing where it fits. */
  readonly missed: readonly string[];
}

/** What the decision about a request rests on. */
export interface AccessEvidence {
  /** What the route itself asks for. */
  readonly asks: AccessRule;
  /** Whether the caller has that; without it no policy is asked. */
  readonly has: boolean;
  /** Every rule of every policy that concerns the route, in the order in which they are asked. */
  readonly rules: readonly RuleEvidence[];
  /** Not listed, because there are too many. */
  readonly unlisted: number;
}

const mostListed = 200;

/** Tells how every rule of a route stands to a request, also those that were not reached. */
export function explainAccess(plan: AccessPlan, question: Question, now: () => number): AccessEvidence {
  const has = unmetNeed(plan, question.principal) === undefined;
  const facts = has && plan.mentions ? new Facts(question, plan.mentions, now) : undefined;
  const enforced = [...plan.denies.map(as("deny")), ...plan.allows.map(as("allow"))];
  const all = has ? [...enforced, ...plan.shadows.flatMap(rulesOf)] : [];
  const rules = all.slice(0, mostListed).map(({ rule, effect, shadow }): RuleEvidence => {
    const missed = missesOf(rule, question, facts);
    return { rule: rule.id, effect, ...(shadow && { shadow }), missed };
  });
  return { asks: plan.allow, has, rules, unlisted: all.length - rules.length };
}

interface Listed {
  readonly rule: CompiledRule;
  readonly effect: "allow" | "deny";
  readonly shadow?: true;
}

const as =
  (effect: "allow" | "deny", shadow?: true) =>
  (rule: CompiledRule): Listed => ({ rule, effect, ...(shadow && { shadow }) });

const rulesOf = ({ denies, allows }: RuleSet): Listed[] => [
  ...denies.map(as("deny", true)),
  ...allows.map(as("allow", true)),
];
