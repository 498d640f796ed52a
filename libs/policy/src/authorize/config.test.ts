import assert from "node:assert/strict";
import { test } from "node:test";
import { createIssueReader } from "@tandem/platform/config/zod-problems";
import { z } from "zod";
import { accessRuleSchema } from "./config.ts";

const accepted = [
  { given: "anyone", expected: { kind: "anyone" } },
  { given: "authenticated", expected: { kind: "authenticated" } },
  { given: { scopes: ["orders:read"] }, expected: { kind: "scopes", scopes: ["orders:read"] } },
  { given: { scopes: ["b", "a"] }, expected: { kind: "scopes", scopes: ["b", "a"] } },
  {
    given: { scopes: ["a"], roles: ["b"], tenant: "c", policies: ["d"] },
    expected: { kind: "needs", scopes: ["a"], roles: ["b"], tenant: "c", policies: ["d"] },
  },
  { given: { policies: ["d"] }, expected: { kind: "needs", policies: ["d"] } },
];

for (const { given, expected } of accepted) {
  test(`${JSON.stringify(given)} is a rule`, () => assert.deepEqual(accessRuleSchema.parse(given), expected));
}

const refused: { given: unknown; at: string; saying: RegExp }[] = [
  { given: undefined, at: "allow", saying: /missing.*who may take the route/ },
  { given: "everyone", at: "allow", saying: /found "everyone".*who may take the route/ },
  { given: "authentcated", at: "allow", saying: /authenticated/ },
  { given: null, at: "allow", saying: /found nothing.*who may take the route/ },
  { given: ["orders:read"], at: "allow", saying: /found a list.*who may take the route/ },
  { given: {}, at: "allow", saying: /found nothing.*scopes, roles, tenant or policies/ },
  { given: { scope: ["a"] }, at: "allow.scope", saying: /unknown key.*scopes/ },
  { given: { roles: [] }, at: "allow.roles", saying: /at least 1/ },
  { given: { policies: ["a", "a"] }, at: "allow.policies.1", saying: /"a" is named twice/ },
  { given: { tenant: "" }, at: "allow.tenant", saying: /at least 1/ },
  { given: { scopes: "a" }, at: "allow.scopes", saying: /a list/ },
  { given: { scopes: [] }, at: "allow.scopes", saying: /at least 1/ },
  { given: { scopes: ["a b"] }, at: "allow.scopes.0", saying: /found "a b".*without spaces/ },
  { given: { scopes: ["a", ""] }, at: "allow.scopes.1", saying: /without spaces/ },
  { given: { scopes: ['a"b'] }, at: "allow.scopes.0", saying: /without spaces/ },
  { given: { scopes: ["a", "b", "a"] }, at: "allow.scopes.2", saying: /"a" is named twice/ },
];

for (const { given, at, saying } of refused) {
  test(`${JSON.stringify(given) ?? "nothing"} is no rule, and the reader learns why`, () => {
    const reader = createIssueReader();
    const { error } = z.strictObject({ allow: accessRuleSchema }).safeParse({ allow: given }, { error: reader.error });
    const problems = reader.problems(error?.issues ?? [], []);
    const described = problems.map(
      ({ path, ...rest }) => `${path.join(".")} ${JSON.stringify(rest).replaceAll("\\", "")}`,
    );
    assert.ok(
      described.some((line) => line.startsWith(`${at} `) && saying.test(line)),
      described.join("\n"),
    );
  });
}

test("the JSON Schema describes what is written, not what it becomes", () => {
  const schema = JSON.stringify(z.toJSONSchema(accessRuleSchema, { io: "input" }));
  assert.match(schema, /"anyone","authenticated"/);
  assert.doesNotMatch(schema, /"kind"/);
});
