import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { compileSplits } from "./splits.ts";
import { split } from "./stage.ts";

const among = [
  { service: "stable", weight: 70 },
  { service: "next", weight: 30 },
  { service: "beta", weight: 0, when: { header: { name: "x-beta", value: "yes" } } },
];
const splitBy = (by: "client" | undefined) =>
  compileSplits([{ name: "shop", split: { by, among } }], () => assert.fail("a lot was drawn"));

test("the service is foreseen with its reason, and no lot is drawn", () => {
  const told = (by: "client" | undefined, parts: { client?: string; rawHeaders?: string[] } = {}) => {
    const { exchange } = exchangeOf({ rawHeaders: parts.rawHeaders ?? [], transport: { kind: "dry" } });
    exchange.route = { name: "shop", allow: { kind: "anyone" } };
    if (parts.client) exchange.principal = { ...exchange.principal, client: parts.client };
    const stage = split(splitBy(by));
    void stage.run(exchange);
    const evidence = stage.explain?.(exchange);
    assert.equal((evidence as { service: string }).service, exchange.service);
    return evidence;
  };
  const drawnFrom = among.slice(0, 2);
  assert.deepEqual(told(undefined), { service: "stable", because: "drawn by lot for each request", drawnFrom });
  assert.deepEqual(told("client"), { service: "stable", because: "drawn by lot: it has no client", drawnFrom });
  assert.deepEqual(told(undefined, { rawHeaders: ["x-beta", "yes"] }), {
    service: "beta",
    because: 'when: {"header":{"name":"x-beta","value":"yes"}}',
  });
  const choose = splitBy("client").get("shop")!;
  for (let index = 0; index < 50; index++) {
    const { exchange } = exchangeOf();
    exchange.principal = { ...exchange.principal, client: `app-${index}` };
    assert.deepEqual(choose.foresee(exchange), { service: choose(exchange), because: "its client leads there" });
  }
});
