import { z } from "zod";
import { expectations } from "./expectations.ts";
import { nearest } from "./nearest.ts";

/** What zod found, in our words. */
export interface Wording {
  readonly message: string;
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
  /** The value is not there at all. */
  readonly missing: boolean;
  /** The names that a mapping knows; for the guess at an unknown one. */
  readonly known: readonly string[];
}

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
  null: "nothing",
};

/** Words one issue. Of values it shows only numbers, and texts where one of a few known words was expected. */
export function describeIssue(issue: z.core.$ZodRawIssue): Wording {
  const registered = issue.inst instanceof z.core.$ZodType ? expectations.get(issue.inst)?.expected : undefined;
  const base = { missing: false, known: [], expected: registered };
  switch (issue.code) {
    case "invalid_type":
      return { ...base, ...found(issue.input), expected: registered ?? kinds[issue.expected] ?? issue.expected };
    case "invalid_value":
      return { ...base, ...oneOf(issue.input, issue.values) };
    case "invalid_union":
      if (issue.discriminator === undefined || !Array.isArray(issue.options)) return { ...base, ...found(issue.input) };
      return { ...base, ...oneOf(property(issue.input, issue.discriminator), issue.options) };
    case "unrecognized_keys":
      return { ...base, message: "unknown key", known: knownKeys(issue.inst) };
    case "too_small":
      return { ...base, message: amount(issue.input), expected: limit("at least", issue.minimum, issue) };
    case "too_big":
      return { ...base, message: amount(issue.input), expected: limit("at most", issue.maximum, issue) };
    case "not_multiple_of":
      return { ...base, message: amount(issue.input), expected: `a multiple of ${issue.divisor}` };
    case "invalid_format":
      return { ...base, message: "not well-formed", expected: registered ?? format(issue) };
    case "invalid_key":
      return { ...base, message: "this name is not allowed" };
    case "invalid_element":
    case "custom":
      break;
  }
  return { ...base, message: "not valid" };
}

function found(input: unknown): { message: string; missing: boolean } {
  return { message: input === undefined ? "missing" : `found ${kindOf(input)}`, missing: input === undefined };
}

/** What kind of value stands there, for "found a number". */
function kindOf(input: unknown): string {
  if (input === null) return "nothing";
  if (Array.isArray(input)) return "a list";
  return typeof input === "boolean" ? String(input) : (kinds[typeof input] ?? typeof input);
}

function oneOf(input: unknown, values: readonly unknown[]): Omit<Wording, "known"> {
  const words = values.filter((value) => typeof value === "string");
  const expected = listed(values.map((value) => JSON.stringify(value)));
  if (typeof input !== "string") return { ...found(input), expected };
  const shown = JSON.stringify(input.length > 40 ? `${input.slice(0, 40)}…` : input);
  return { message: `found ${shown}`, missing: false, expected, suggestion: nearest(input, words) };
}

/** `a, b or c` */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "nothing") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function amount(input: unknown): string {
  if (typeof input === "number") return `found ${input}`;
  if (Array.isArray(input)) return `found ${input.length} items`;
  return typeof input === "string" ? `found ${input.length} characters` : `found ${kindOf(input)}`;
}

function limit(word: string, bound: number | bigint, issue: { origin: string; inclusive?: boolean }): string {
  const unit = issue.origin === "string" ? " characters" : issue.origin === "array" ? " items" : "";
  if (issue.inclusive === false) return `${word === "at least" ? "more than" : "less than"} ${bound}${unit}`;
  return `${word} ${bound}${unit}`;
}

function format(issue: { format: string; pattern?: string | undefined }): string {
  if (issue.format === "regex") return `a text that matches ${issue.pattern ?? "the pattern"}`;
  return issue.format === "url" ? "a URL" : `the format ${issue.format}`;
}

function knownKeys(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function property(input: unknown, name: string): unknown {
  return typeof input === "object" && input !== null ? Reflect.get(input, name) : undefined;
}
