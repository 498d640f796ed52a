import assert from "node:assert/strict";
import { test } from "node:test";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import type { AccessRule } from "@tandem/contracts/route";
import { exchangeOf } from "@tandem/kernel/testing";
import { compileAccess } from "./compile-access.ts";
import { decide } from "./decide.ts";

const caller = (...scopes: string[]): Principal => ({ subject: "demo-app", scopes, roles: [], method: "jwt" });
const scopes = (...names: string[]): AccessRule => ({ kind: "scopes", scopes: names });

function decided(principal: Principal, allow: AccessRule) {
  const { exchange } = exchangeOf();
  exchange.principal = principal;
  return decide(compileAccess([{ name: "orders", allow }], []).get("orders")!, exchange, Date.now);
}

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
    name: "one of the roles is held",
    given: [
      { ...caller("a"), roles: ["clerk"] },
      { kind: "needs", scopes: ["a"], roles: ["chief", "clerk"] },
    ],
    expected: "allow needs",
  },
  {
    name: "none of the roles is held",
    given: [
      { ...caller("a"), roles: ["guest"] },
      { kind: "needs", scopes: ["a"], roles: ["chief", "clerk"] },
    ],
    expected: "deny roles",
  },
  {
    name: "scopes are asked for before roles",
    given: [caller(), { kind: "needs", scopes: ["a"], roles: ["chief"] }],
    expected: "deny scopes",
    missing: ["a"],
  },
  {
    name: "the tenant is the caller's own",
    given: [
      { ...caller(), tenant: "acme" },
      { kind: "needs", tenant: "acme" },
    ],
    expected: "allow needs",
  },
  {
    name: "a caller without a tenant has none",
    given: [caller(), { kind: "needs", tenant: "acme" }],
    expected: "deny tenant",
  },
  {
    name: "an anonymous caller has no role and no tenant",
    given: [
      { ...anonymous, roles: ["chief"], tenant: "acme" },
      { kind: "needs", roles: ["chief"], tenant: "acme" },
    ],
    expected: "deny roles",
  },
  {
    name: "the leave of a policy that is not in force is nobody's",
    given: [caller("a"), { kind: "needs", policies: ["gone"] }],
    expected: "deny policies",
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
    const decision = decided(...given);
    assert.equal(`${decision.effect} ${decision.rule}`, expected);
    assert.deepEqual(decision.missing, missing);
    assert.ok(decision.reason.length > 10);
  });
}

test("a rule of an unknown kind denies", () => {
  const allow = JSON.parse('{ "kind": "everyone" }') as AccessRule;
  assert.equal(decided(caller("a"), allow).effect, "deny");
});
