import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { accessRuleSchema } from "./config.ts";

const accepted = [
  { given: "anyone", expected: { kind: "anyone" } },
  { given: "authenticated", expected: { kind: "authenticated" } },
  { given: { scopes: ["orders:read"] }, expected: { kind: "scopes", scopes: ["orders:read"] } },
  { given: { scopes: ["b", "a"] }, expected: { kind: "scopes", scopes: ["b", "a"] } },
];

for (const { given, expected } of accepted) {
  test(`${JSON.stringify(given)} is a rule`, () => assert.deepEqual(accessRuleSchema.parse(given), expected));
}

const refused: { given: unknown; at: PropertyKey[]; saying: RegExp }[] = [
  { given: undefined, at: ["allow"], saying: /who may take the route/ },
  { given: "everyone", at: ["allow"], saying: /anyone, authenticated, or/ },
  { given: null, at: ["allow"], saying: /anyone, authenticated, or/ },
  { given: ["orders:read"], at: ["allow"], saying: /anyone, authenticated, or/ },
  { given: {}, at: ["allow"], saying: /anyone, authenticated, or/ },
  { given: { scopes: [] }, at: ["allow", "scopes"], saying: /at least one/ },
  { given: { scopes: ["a b"] }, at: ["allow", "scopes", 0], saying: /visible ASCII/ },
  { given: { scopes: [""] }, at: ["allow", "scopes", 0], saying: /visible ASCII/ },
  { given: { scopes: ['a"b'] }, at: ["allow", "scopes", 0], saying: /visible ASCII/ },
  { given: { scopes: ["a", "b", "a"] }, at: ["allow", "scopes", 2], saying: /twice/ },
];

for (const { given, at, saying } of refused) {
  test(`${JSON.stringify(given) ?? "nothing"} is no rule`, () => {
    const { error } = z.strictObject({ allow: accessRuleSchema }).safeParse({ allow: given });
    assert.deepEqual(error?.issues[0]?.path, at);
    assert.match(error.issues[0].message, saying);
  });
}

test("a rule with an unknown key is refused, and the key is named", () => {
  const { error } = accessRuleSchema.safeParse({ scopes: ["a"], roles: ["b"] });
  assert.match(JSON.stringify(error?.issues), /roles/);
});

test("the JSON Schema describes what is written, not what it becomes", () => {
  const schema = JSON.stringify(z.toJSONSchema(accessRuleSchema, { io: "input" }));
  assert.match(schema, /"anyone","authenticated"/);
  assert.doesNotMatch(schema, /"kind"/);
});
