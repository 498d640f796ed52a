import type { RouteMatch } from "./config.ts";
import { asList, type Scalar } from "./match-fields.ts";
import { pointerTokens, valueAt } from "./json-pointer.ts";
import type { Question } from "./question.ts";
import { accepts, coversValues, describeMatcher, valueMatcher, type ValueMatcher } from "./value-matcher.ts";

/** What a route asks of a request beyond host, path and method, in the order in which it counts for precedence. */
export type Condition =
  | { readonly kind: "header" | "query"; readonly name: string; readonly matcher: ValueMatcher }
  | { readonly kind: "client" | "audience"; readonly name: ""; readonly values: ReadonlySet<Scalar> }
  | BodyCondition;

export interface BodyCondition {
  readonly kind: "body";
  /** The pointer as it is written. */
  readonly name: string;
  readonly tokens: readonly string[];
  readonly values: ReadonlySet<Scalar>;
  readonly limit: number;
}

/** Compiles what a match asks; what costs more to look at comes later, the body last. */
export function conditionsOf({ headers = {}, query = {}, client, audience, body }: RouteMatch): Condition[] {
  const conditions: Condition[] = [];
  for (const [name, match] of Object.entries(headers))
    conditions.push({ kind: "header", name, matcher: valueMatcher(match) });
  for (const [name, match] of Object.entries(query))
    conditions.push({ kind: "query", name, matcher: valueMatcher(match) });
  if (client !== undefined) conditions.push({ kind: "client", name: "", values: new Set(asList(client)) });
  if (audience !== undefined) conditions.push({ kind: "audience", name: "", values: new Set(asList(audience)) });
  if (body) {
    const { pointer, is, limit } = body;
    const values = new Set(asList(is));
    conditions.push({ kind: "body", name: pointer, tokens: pointerTokens(pointer), values, limit });
  }
  return conditions;
}

/** Whether it holds; a number where that cannot be said before so many bytes of the body are looked at. */
export function holds(condition: Condition, question: Question): boolean | number {
  if ("matcher" in condition)
    return condition.kind === "header" ? everyLine(condition, question) : everyTime(condition, question);
  if (condition.kind === "body") return bodyHolds(condition, question);
  const { client, audiences } = question.principal;
  if (condition.kind === "client") return client !== undefined && condition.values.has(client);
  return audiences?.some((audience) => condition.values.has(audience)) ?? false;
}

function bodyHolds(condition: BodyCondition, question: Question): boolean | number {
  const value = bodyValue(condition, question);
  if (value === unread) return condition.limit;
  return value !== undefined && condition.values.has(value);
}

/** Stands for a value that nobody has read yet. */
export const unread = Symbol("unread");

/** What a body holds where the condition looks: a scalar, nothing that could be compared, or what nobody has read yet. */
export function bodyValue({ limit, tokens }: BodyCondition, question: Question): Scalar | undefined | typeof unread {
  const body = question.bodyWithin(limit);
  if (body === undefined) return undefined;
  if (body === "unread") return unread;
  const value = valueAt(body.value, tokens);
  return isScalar(value) ? value : undefined;
}

const isScalar = (value: unknown): value is Scalar =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null;

interface OfValue {
  readonly name: string;
  readonly matcher: ValueMatcher;
}

// Whichever line or repetition the service goes by, it is one that the route was meant for.
function everyLine({ name, matcher }: OfValue, { headers }: Question): boolean {
  let isThere = false;
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] !== name) continue;
    if (!accepts(matcher, headers[index + 1]!)) return false;
    isThere = true;
  }
  return isThere || matcher.kind === "absent";
}

function everyTime({ name, matcher }: OfValue, { parameters }: Question): boolean {
  const values = parameters.get(name);
  if (!values) return matcher.kind === "absent";
  for (const value of values) if (!accepts(matcher, value)) return false;
  return true;
}

/** The whole values by which it can be looked up, where it compares whole values. */
export function valuesOf(condition: Condition): ReadonlySet<Scalar> | undefined {
  if (!("matcher" in condition)) return condition.values;
  return condition.matcher.kind === "values" ? condition.matcher.values : undefined;
}

/** What it is about: two conditions of one subject look at the same part of a request. */
export const subjectOf = ({ kind, name }: Condition): string => (name === "" ? kind : `${kind} ${name}`);

/** Tells of two conditions of one subject whether this one holds wherever the other does. */
export function coversCondition(one: Condition, other: Condition): boolean {
  if ("matcher" in one) return "matcher" in other && coversValues(one.matcher, other.matcher);
  if ("matcher" in other || ![...other.values].every((value) => one.values.has(value))) return false;
  return one.kind !== "body" || (other.kind === "body" && other.limit <= one.limit);
}

/** In words, for people: `header x-version = 2`. */
export function describeCondition(condition: Condition): string {
  if ("matcher" in condition) return `${subjectOf(condition)} ${describeMatcher(condition.matcher)}`;
  return `${subjectOf(condition)} = ${[...condition.values].map(String).join(" | ")}`;
}
