import assert from "node:assert/strict";
import { test } from "node:test";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import type { AccessRule } from "@tandem/contracts/route";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Stage } from "@tandem/kernel/stage";
import { exchangeOf, request } from "@tandem/kernel/testing";
import { authorize } from "./stage.ts";

const reached = (principal: Principal, allow: AccessRule): Stage => ({
  name: "reached",
  run(exchange: Exchange) {
    exchange.principal = principal;
    exchange.route = { name: "orders-write", service: "orders", allow };
  },
});
const viewer: Principal = { subject: "demo-viewer", scopes: ["orders:read"], roles: [], method: "jwt" };
const write: AccessRule = { kind: "scopes", scopes: ["orders:read", "orders:write"] };

test("an allowed request goes on, with the decision in the record", () => {
  const { exchange } = exchangeOf();
  void reached(viewer, { kind: "authenticated" }).run(exchange);
  assert.equal(authorize().run(exchange), undefined);
  assert.deepEqual(exchange.record.decision, {
    effect: "allow",
    rule: "authenticated",
    reason: "the caller is authenticated",
  });
});

test("an anonymous caller is asked for a token, and told nothing else", async (t) => {
  const answer = await request(t, [reached(anonymous, write), authorize()]);
  assert.equal(answer.status, 401);
  assert.equal(answer.headers["www-authenticate"], 'Bearer realm="tandem"');
  assert.deepEqual(Object.keys(answer.json).toSorted(), ["requestId", "status", "title", "type"]);
  assert.equal(answer.json.type, "urn:tandem:problem:identity.required");
});

test("a caller whose identity is not enough learns which scope is missing", async (t) => {
  const answer = await request(t, [reached(viewer, write), authorize()]);
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
  assert.throws(() => authorize().run(exchange), { code: "access.denied" });
  assert.deepEqual(exchange.record.decision?.missing, ["orders:write"]);
});

test("a request that no route was matched for is our own mistake", async (t) => {
  const answer = await request(t, [authorize()]);
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.text, /matched/);
});
