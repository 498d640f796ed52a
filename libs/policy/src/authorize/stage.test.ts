import assert from "node:assert/strict";
import { test } from "node:test";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import type { AccessRule } from "@tandem/contracts/route";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Stage } from "@tandem/kernel/stage";
import { exchangeOf, request } from "@tandem/kernel/testing";
import { compileAccess } from "./compile-access.ts";
import type { PolicyOptions } from "./config.ts";
import { authorize } from "./stage.ts";

const reached = (principal: Principal, allow: AccessRule): Stage => ({
  name: "reached",
  run(exchange: Exchange) {
    exchange.principal = principal;
    exchange.route = { name: "orders-write", service: "orders", allow };
  },
});
const orders = (allow: AccessRule, policies: readonly PolicyOptions[] = []): Stage =>
  authorize({ plans: compileAccess([{ name: "orders-write", allow }], policies), clock: { now: () => 0 } });
const viewer: Principal = { subject: "demo-viewer", scopes: ["orders:read"], roles: [], method: "jwt" };
const write: AccessRule = { kind: "scopes", scopes: ["orders:read", "orders:write"] };

test("an allowed request goes on, with the decision in the record", () => {
  const { exchange } = exchangeOf();
  void reached(viewer, { kind: "authenticated" }).run(exchange);
  assert.equal(orders({ kind: "authenticated" }).run(exchange), undefined);
  assert.deepEqual(exchange.record.decision, {
    effect: "allow",
    rule: "authenticated",
    reason: "the caller is authenticated",
  });
});

test("an anonymous caller is asked for a token, and told nothing else", async (t) => {
  const answer = await request(t, [reached(anonymous, write), orders(write)]);
  assert.equal(answer.status, 401);
  assert.equal(answer.headers["www-authenticate"], 'Bearer realm="tandem"');
  assert.deepEqual(Object.keys(answer.json).toSorted(), ["requestId", "status", "title", "type"]);
  assert.equal(answer.json.type, "urn:tandem:problem:identity.required");
});

test("a caller whose identity is not enough learns which scope is missing", async (t) => {
  const answer = await request(t, [reached(viewer, write), orders(write)]);
  assert.equal(answer.status, 403);
  assert.equal(
    answer.headers["www-authenticate"],
    'Bearer error="insufficient_scope", scope="orders:read orders:write"',
  );
  assert.equal(answer.json.type, "urn:tandem:problem:access.denied");
  assert.equal(answer.json.rule, "scopes");
  assert.deepEqual(answer.json.missing, ["orders:write"]);
});

test("a denial stands in the record too", () => {
  const { exchange } = exchangeOf();
  void reached(viewer, write).run(exchange);
  assert.throws(() => orders(write).run(exchange), { code: "access.denied" });
  assert.deepEqual(exchange.record.decision?.missing, ["orders:write"]);
});

test("a request that no route was matched for is our own mistake", async (t) => {
  const answer = await request(t, [orders(write)]);
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.text, /matched/);
});

const guard = (
  rule: Partial<PolicyOptions["rules"][number]>,
  mode: PolicyOptions["mode"] = "enforce",
): PolicyOptions => ({
  name: "guard",
  mode,
  routes: ["*"],
  rules: [{ name: "no", effect: "deny", ...rule }],
});
const open: AccessRule = { kind: "anyone" };

test("whom a deny rule refuses for something else is not asked for a token, and not told why", async (t) => {
  const policies = [guard({ when: 'request.method == "GET"' })];
  for (const principal of [anonymous, viewer]) {
    const answer = await request(t, [reached(principal, open), orders(open, policies)]);
    assert.equal(answer.status, 403);
    assert.equal(answer.headers["www-authenticate"], undefined);
    assert.deepEqual([answer.json.rule, answer.json.missing], ["guard/no", []]);
    assert.doesNotMatch(answer.text, /request\.method|nearest/);
  }
});

test("whom a deny rule refuses for being nobody is asked for a token", async (t) => {
  const answer = await request(t, [reached(anonymous, open), orders(open, [guard({ principals: ["anonymous"] })])]);
  assert.equal(answer.status, 401);
});

test("a caller who lacks nothing but scopes for a rule is told which, and nothing of the other rules", async (t) => {
  const allow: AccessRule = { kind: "needs", policies: ["clerks"] };
  const policies: PolicyOptions[] = [
    {
      name: "clerks",
      mode: "enforce",
      rules: [
        { name: "alice", effect: "allow", principals: ["subject:alice"], tenant: "acme" },
        { name: "writers", effect: "allow", scopes: ["orders:read", "orders:write"] },
      ],
    },
  ];
  const answer = await request(t, [reached(viewer, allow), orders(allow, policies)]);
  assert.deepEqual([answer.status, answer.json.rule, answer.json.missing], [403, "policies", ["orders:write"]]);
  assert.equal(
    answer.headers["www-authenticate"],
    'Bearer error="insufficient_scope", scope="orders:read orders:write"',
  );
  assert.doesNotMatch(answer.text, /alice|acme/);
});

test("a policy in shadow decides nothing, and the record says what it would have", () => {
  const { exchange } = exchangeOf();
  void reached(viewer, open).run(exchange);
  void orders(open, [guard({}, "shadow")]).run(exchange);
  assert.deepEqual(exchange.record.decision, {
    effect: "allow",
    rule: "anyone",
    reason: "the route is open to anyone",
    shadows: [{ policy: "guard", rule: "no", effect: "deny" }],
  });
});
