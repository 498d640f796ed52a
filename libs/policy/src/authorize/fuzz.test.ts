import assert from "node:assert/strict";
import { test } from "node:test";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import { exchangeOf } from "@tandem/kernel/testing";
import { compileAccess } from "./compile-access.ts";
import { policiesSchema, type PolicyOptions } from "./config.ts";
import { decide } from "./decide.ts";
import { referenceAllows } from "./reference.testing.ts";

/** The same numbers on every run. */
function createDraw(seed: number) {
  let state = seed;
  const below = (limit: number): number => (state = (state * 48_271) % 2_147_483_647) % limit;
  const one = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const some = <T>(items: readonly T[]): T[] => {
    const taken = items.filter(() => below(2) === 0);
    return taken.length > 0 ? taken : [one(items)];
  };
  const maybe = <T>(make: () => T, key: string): Record<string, T> => (below(3) === 0 ? { [key]: make() } : {});
  return { below, one, some, maybe };
}
type Draw = ReturnType<typeof createDraw>;

const scopes = ["a", "b", "c"];
const roles = ["chief", "clerk"];
const tenants = ["acme", "zeta"];
const methods = ["GET", "POST", "HEAD"];
const callers = ["anonymous", "authenticated", "subject:alice", "subject:bob", "client:app"];
const names = ["p", "q", "r"];
const patterns = ["orders", "orders-*", "o*", "catalog", "*"];
/** Each with what it comes to by the header x: absent, 1 or 2. */
const conditions = {
  'request.headers["x"][0] == "1"': { none: "error", 1: true, 2: false },
  'has(request.headers.x) && request.headers.x.all(v, v == "2")': { none: false, 1: false, 2: true },
  'request.method != "OPTIONS"': { none: true, 1: true, 2: true },
} as const;

const draftOf = ({ below, one, some, maybe }: Draw, name: string) => ({
  name,
  mode: one(["enforce", "enforce", "shadow", "off"]),
  ...maybe(() => some(patterns), "routes"),
  rules: Array.from({ length: 1 + below(3) }, (_, n) => ({
    name: `r${n}`,
    effect: one(["allow", "allow", "deny"]),
    ...maybe(() => some(patterns), "routes"),
    ...maybe(() => some(methods), "methods"),
    ...maybe(() => some(callers), "principals"),
    ...maybe(() => some(scopes), "scopes"),
    ...maybe(() => some(roles), "roles"),
    ...maybe(() => one(tenants), "tenant"),
    ...maybe(() => one(Object.keys(conditions)), "when"),
  })),
});

/** A guard only denies: that is a fault at load. */
const lawful = (policies: PolicyOptions[]): PolicyOptions[] =>
  policies.map((policy) =>
    policy.routes ? { ...policy, rules: policy.rules.map((rule) => ({ ...rule, effect: "deny" as const })) } : policy,
  );

const callerOf = ({ below, one, some }: Draw): Principal =>
  below(4) === 0
    ? { ...anonymous, scopes: some(scopes) }
    : {
        subject: one(["alice", "bob", "anonymous"]),
        client: one(["app", "other"]),
        scopes: some(scopes),
        roles: some(roles),
        ...(below(2) === 0 && { tenant: one(tenants) }),
        method: "jwt",
      };

test("a hundred thousand decisions are those of the reference", () => {
  const draw = createDraw(42);
  const seen = { allow: 0, deny: 0 };
  for (let table = 0; table < 2000; table++) {
    const policies = lawful(policiesSchema.parse(names.map((name) => draftOf(draw, name))));
    const needs = {
      ...draw.maybe(() => draw.some(scopes), "scopes"),
      ...draw.maybe(() => draw.some(roles), "roles"),
      ...draw.maybe(() => draw.one(tenants), "tenant"),
      ...(draw.below(4) !== 0 && { policies: draw.some(names) }),
    };
    const route = draw.one(["orders", "orders-read", "catalog"]);
    const plan = compileAccess([{ name: route, allow: { kind: "needs", ...needs } }], policies).get(route)!;
    for (let turn = 0; turn < 50; turn++) {
      const x = draw.one(["none", "1", "2"] as const);
      const method = draw.one(methods);
      const { exchange } = exchangeOf({ method, rawHeaders: x === "none" ? [] : ["X", x] });
      exchange.principal = callerOf(draw);
      exchange.route = { name: route, service: "s", allow: plan.allow };
      const { principal } = exchange;
      const outcomes = Object.fromEntries(Object.entries(conditions).map(([text, by]) => [text, by[x]]));
      const expected = referenceAllows(needs, policies, { principal, method, route, outcomes }) ? "allow" : "deny";
      const { effect, shadows } = decide(plan, exchange, Date.now);
      const asked = JSON.stringify({ needs, policies, principal, method, route, x });
      assert.equal(effect, expected, asked);
      // A shadow tells what would be decided if it were enforced too.
      for (const { name } of policies.filter(({ mode }) => mode === "shadow")) {
        const bared = policies.map((one) => (one.name === name ? { ...one, mode: "enforce" as const } : one));
        const would = referenceAllows(needs, bared, { principal, method, route, outcomes }) ? "allow" : "deny";
        const noted = shadows?.find((shadow) => shadow.policy === name)?.effect ?? effect;
        assert.equal(noted, would, `${name} in shadow: ${asked}`);
      }
      seen[effect]++;
    }
  }
  assert.ok(seen.allow > 5000 && seen.deny > 5000, JSON.stringify(seen));
});
