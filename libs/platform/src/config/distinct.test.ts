import assert from "node:assert/strict";
import test from "node:test";
import { z } from "zod";
import { distinct } from "./distinct.ts";

const words = z.array(z.string()).superRefine(distinct("word", { of: (word) => word }));
const users = z
  .array(z.strictObject({ id: z.string() }))
  .superRefine(distinct("id", { of: ({ id }: { id: string }) => id, at: ["id"] }));

const cases: { name: string; schema: z.ZodType; given: unknown; places: PropertyKey[][] }[] = [
  { name: "an empty list", schema: words, given: [], places: [] },
  { name: "words that differ, be it in case alone", schema: words, given: ["a", "A", "b"], places: [] },
  {
    name: "a word thrice, told at the second and the third",
    schema: words,
    given: ["a", "a", "a"],
    places: [[1], [2]],
  },
  { name: "words that objects have already", schema: words, given: ["constructor", "__proto__"], places: [] },
  { name: "two of one id, told at the id", schema: users, given: [{ id: "a" }, { id: "a" }], places: [[1, "id"]] },
];
for (const { name, schema, given, places } of cases)
  test(name, () => {
    const issues = schema.safeParse(given).error?.issues ?? [];
    assert.deepEqual(
      issues.map(({ path }) => path),
      places,
    );
    for (const { message } of issues) assert.match(message, /^the (word|id) "a" is named twice$/);
  });
