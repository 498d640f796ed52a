import { isAnonymous, type Principal } from "@tandem/contracts/principal";
import type { Facts } from "../condition/facts.ts";
import type { CompiledRule } from "./compile-access.ts";

/** Who asks, and how. */
export interface Asked {
  readonly principal: Principal;
  readonly request: { readonly method: string };
}

/** Tells whether a rule fits a request; an Error where its condition has no answer. */
export function matchRule(rule: CompiledRule, asked: Asked, facts: Facts | undefined): boolean | Error {
  const { methods, principals, scopes, roles, tenant, condition } = rule;
  const { principal } = asked;
  if (methods && !methods.includes(asked.request.method)) return false;
  if (principals && !isOneOf(principal, principals)) return false;
  if (scopes && !holdsAll(principal, scopes)) return false;
  if (roles && !holdsOne(principal, roles)) return false;
  if (tenant !== undefined && !belongsTo(principal, tenant)) return false;
  if (!condition) return true;
  return facts ? condition.test(facts) : new Error("there are no facts to judge by");
}

/** What an allow rule missed, in words for operators. */
export function missesOf(rule: CompiledRule, asked: Asked, facts: Facts | undefined): string[] {
  const { methods, principals, scopes, roles, tenant, condition } = rule;
  const { principal } = asked;
  const missed: string[] = [];
  if (methods && !methods.includes(asked.request.method)) missed.push(`method: ${methods.join(" or ")}`);
  if (principals && !isOneOf(principal, principals)) missed.push(`principal: ${principals.join(" or ")}`);
  if (scopes && !holdsAll(principal, scopes)) missed.push(`scopes: ${lackOf(principal, scopes).join(" and ")}`);
  if (roles && !holdsOne(principal, roles)) missed.push(`roles: ${roles.join(" or ")}`);
  if (tenant !== undefined && !belongsTo(principal, tenant)) missed.push(`tenant: ${tenant}`);
  // A condition is asked last, and only where it decides.
  if (missed.length > 0 || !condition || !facts) return missed;
  const outcome = condition.test(facts);
  if (outcome instanceof Error) missed.push(`when: ${unanswered(outcome)}`);
  else if (!outcome) missed.push(`when: ${condition.text}`);
  return missed;
}

/** Why a condition has no answer, without the picture that the library draws. */
export const unanswered = ({ message }: Error): string => `no answer: ${message.split("\n", 1)[0] ?? ""}`;

/** Scopes that nobody vouched for count for nothing. */
export const holdsAll = (principal: Principal, scopes: readonly string[]): boolean => {
  if (isAnonymous(principal)) return false;
  for (const scope of scopes) if (!principal.scopes.includes(scope)) return false;
  return true;
};

export const holdsOne = (principal: Principal, roles: readonly string[]): boolean => {
  if (isAnonymous(principal)) return false;
  for (const role of roles) if (principal.roles.includes(role)) return true;
  return false;
};

export const belongsTo = (principal: Principal, tenant: string): boolean =>
  !isAnonymous(principal) && principal.tenant === tenant;

/** The scopes that are not held. */
export const lackOf = (principal: Principal, scopes: readonly string[]): string[] =>
  scopes.filter((scope) => !principal.scopes.includes(scope));

function isOneOf(principal: Principal, names: readonly string[]): boolean {
  const nobody = isAnonymous(principal);
  for (const name of names) {
    if (name === "anonymous" ? nobody : !nobody && isCalled(principal, name)) return true;
  }
  return false;
}

function isCalled({ subject, client }: Principal, name: string): boolean {
  if (name === "authenticated") return true;
  if (name.startsWith("subject:")) return name.length === subject.length + 8 && name.endsWith(subject);
  return client !== undefined && name.length === client.length + 7 && name.endsWith(client);
}
