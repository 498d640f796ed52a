import assert from "node:assert/strict";
import { test } from "node:test";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import type { AccessRule } from "@tandem/contracts/route";
import { decide } from "./decide.ts";

const caller = (...scopes: string[]): Principal => ({ subject: "demo-app", scopes, roles: [], method: "jwt" });
const scopes = (...names: string[]): AccessRule => ({ kind: "scopes", scopes: names });

const cases: { name: string; given: [Principal, AccessRule]; expected: string; missing?: string[] }[] = [
  { name: "anyone may take an open route", given: [anonymous, { kind: "anyone" }], expected: "allow anyone" },
  { name: "a known caller may take an open route", given: [caller(), { kind: "anyone" }], expected: "allow anyone" },
  {
    name: "a known caller passes where identity is asked",
    given: [caller(), { kind: "authenticated" }],
    expected: "allow authenticated",
  },
  {
    name: "an anonymous caller fails where identity is asked",
    given: [anonymous, { kind: "authenticated" }],
    expected: "deny authenticated",
  },
  { name: "the one scope is held", given: [caller("a"), scopes("a")], expected: "allow scopes" },
  { name: "more scopes than needed are held", given: [caller("b", "a", "c"), scopes("a")], expected: "allow scopes" },
  { name: "all scopes are held", given: [caller("b", "a"), scopes("a", "b")], expected: "allow scopes" },
  { name: "one of two is missing", given: [caller("a"), scopes("a", "b")], expected: "deny scopes", missing: ["b"] },
  { name: "none is held", given: [caller(), scopes("a", "b")], expected: "deny scopes", missing: ["a", "b"] },
  {
    name: "a prefix is not the scope",
    given: [caller("orders"), scopes("orders:read")],
    expected: "deny scopes",
    missing: ["orders:read"],
  },
  { name: "case matters", given: [caller("A"), scopes("a")], expected: "deny scopes", missing: ["a"] },
  {
    name: "scopes are not split",
    given: [caller("a b"), scopes("a", "b")],
    expected: "deny scopes",
    missing: ["a", "b"],
  },
  {
    name: "an anonymous caller holds nothing",
    given: [anonymous, scopes("a")],
    expected: "deny scopes",
    missing: ["a"],
  },
  {
    name: "scopes without an identity count for nothing",
    given: [{ ...anonymous, scopes: ["a"] }, scopes("a")],
    expected: "deny scopes",
    missing: [],
  },
];

for (const { name, given, expected, missing } of cases) {
  test(name, () => {
    const decision = decide(given[0], { allow: given[1] });
    assert.equal(`${decision.effect} ${decision.rule}`, expected);
    assert.deepEqual(decision.missing, missing);
    assert.ok(decision.reason.length > 10);
  });
}

test("a rule of an unknown kind denies", () => {
  const allow = JSON.parse('{ "kind": "everyone" }') as AccessRule;
  assert.equal(decide(caller("a"), { allow }).effect, "deny");
});
