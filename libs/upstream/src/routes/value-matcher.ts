import { asList, type ValueMatch } from "./match-fields.ts";

/** What a value must be, compiled: data, so that two of them can be compared at load. */
export type ValueMatcher =
  | { readonly kind: "values"; readonly values: ReadonlySet<string> }
  | { readonly kind: "prefix"; readonly prefix: string }
  | { readonly kind: "present" }
  | { readonly kind: "absent" };

/** Compiles what the configuration has. */
export function valueMatcher(match: ValueMatch): ValueMatcher {
  if (typeof match === "string" || Array.isArray(match)) return { kind: "values", values: new Set(asList(match)) };
  if ("prefix" in match) return { kind: "prefix", prefix: match.prefix };
  return { kind: match.present ? "present" : "absent" };
}

/** Tells whether one value that is there will do. */
export function accepts(matcher: ValueMatcher, value: string): boolean {
  if (matcher.kind === "values") return matcher.values.has(value);
  if (matcher.kind === "prefix") return value.startsWith(matcher.prefix);
  return matcher.kind === "present";
}

/** Tells whether whatever the other takes is taken by this one too. */
export function coversValues(one: ValueMatcher, other: ValueMatcher): boolean {
  if (one.kind === "absent" || other.kind === "absent") return one.kind === other.kind;
  if (one.kind === "present") return true;
  if (other.kind === "values") return [...other.values].every((value) => accepts(one, value));
  return other.kind === "prefix" && one.kind === "prefix" && other.prefix.startsWith(one.prefix);
}

/** In words, behind the name of what is matched. */
export function describeMatcher(matcher: ValueMatcher): string {
  if (matcher.kind === "values") return `= ${[...matcher.values].join(" | ")}`;
  return matcher.kind === "prefix" ? `= ${matcher.prefix}…` : matcher.kind;
}
