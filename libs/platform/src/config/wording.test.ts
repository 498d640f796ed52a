import assert from "node:assert/strict";
import test from "node:test";
import { z } from "zod";
import { createIssueReader } from "./zod-problems.ts";
import { listed } from "./wording.ts";

/** What is said of a value that does not fit. */
function say(schema: z.ZodType, value: unknown): string[] {
  const reader = createIssueReader();
  const parsed = schema.safeParse(value, { error: reader.error });
  const problems = parsed.success ? [] : reader.problems(parsed.error.issues, ["at"]);
  return problems.map(({ path, message, expected }) => [path.join("."), message, expected ?? "-"].join(" | "));
}

const cases: { name: string; schema: z.ZodType; given: unknown; expected: string[] }[] = [
  { name: "a number below", schema: z.number().min(3), given: 2, expected: ["at | found 2 | at least 3"] },
  { name: "a number at an open bound", schema: z.number().gt(3), given: 3, expected: ["at | found 3 | more than 3"] },
  { name: "a number at an open limit", schema: z.number().lt(3), given: 3, expected: ["at | found 3 | less than 3"] },
  { name: "no multiple", schema: z.number().multipleOf(5), given: 3, expected: ["at | found 3 | a multiple of 5"] },
  {
    name: "a long text, not shown",
    schema: z.string().max(2),
    given: "abc",
    expected: ["at | found 3 characters | at most 2 characters"],
  },
  {
    name: "a text of another form",
    schema: z.string().regex(/^a+$/),
    given: "b",
    expected: ["at | not well-formed | a text that matches /^a+$/"],
  },
  {
    name: "an address of another form",
    schema: z.ipv4(),
    given: "b",
    expected: ["at | not well-formed | the format ipv4"],
  },
  {
    name: "a refinement without words",
    schema: z.string().refine(() => false),
    given: "b",
    expected: ["at | not valid | -"],
  },
  {
    name: "a refinement with words",
    schema: z.string().refine(() => false, { message: "too plain", params: { expected: "flowers" } }),
    given: "b",
    expected: ["at | too plain | flowers"],
  },
  { name: "true", schema: z.string(), given: true, expected: ["at | found true | a text"] },
  { name: "a constant", schema: z.literal(true), given: false, expected: ["at | found false | true"] },
  {
    name: "a long word",
    schema: z.enum(["a"]),
    given: "x".repeat(99),
    expected: [`at | found "${"x".repeat(40)}…" | "a"`],
  },
  {
    name: "a name that a mapping does not allow",
    schema: z.record(z.string().max(1), z.number()),
    given: { abc: 1 },
    expected: ["at.abc | found 3 characters | at most 1 characters"],
  },
  {
    name: "a union in a union",
    schema: z.union([z.union([z.literal("a"), z.number()]), z.array(z.string())]),
    given: {},
    expected: ['at | found a mapping | "a", a number or a list'],
  },
  {
    name: "an error deep in a union in a union",
    schema: z.union([z.union([z.literal("a"), z.strictObject({ b: z.number() })]), z.array(z.string())]),
    given: { b: "x" },
    expected: ["at.b | found a text | a number"],
  },
];
for (const { name, schema, given, expected } of cases) {
  test(`${name} is told in plain words`, () => assert.deepEqual(say(schema, given), expected));
}

test("words are listed as a person lists them", () => {
  assert.deepEqual([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed), ["nothing", "a", "a or b", "a, b or c"]);
});
