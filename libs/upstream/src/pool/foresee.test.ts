import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { bench, endpoint, idOf, type Bench } from "./bench.testing.ts";

const foreseen = ({ pool, exchange }: Bench): string => {
  const told = pool.foresee(exchange);
  return typeof told === "string" ? told : told.instances.map(({ id }) => id).join(" ");
};

test("the next one is foreseen as often as anybody asks, and then is the next one", (t) => {
  const bed = bench(t);
  assert.equal(foreseen(bed), "no-instance");
  bed.tell(endpoint("a"), endpoint("b", 2), endpoint("c"));
  for (let turn = 0; turn < 20; turn++) {
    const told = foreseen(bed);
    assert.equal(foreseen(bed), told);
    assert.equal(idOf(bed.pool.pick(bed.exchange, [])), told);
  }
});

test("a pool that has as much as it may is foreseen to refuse", (t) => {
  const bed = bench(t, { rules: { limit: { requests: 1 } } });
  bed.tell(endpoint("a"));
  bed.instance("a").begin();
  assert.equal(foreseen(bed), "overloaded");
});

test("the trial of a half-open breaker is foreseen, and not taken; a tunnel is none", async (t) => {
  const bed = bench(t, { rules: { health: { outlier: false }, breaker: { minRequests: 2, rest: "1s" } } });
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", { status: 503 }, 4);
  await bed.pass(50);
  assert.equal(foreseen(bed), "b");
  bed.ends("b", { status: 503 }, 4);
  await bed.pass(50);
  assert.equal(foreseen(bed), "breaker-open");
  await bed.pass(1_000);
  assert.equal(foreseen(bed), "a");
  assert.equal(foreseen(bed), "a");
  const { exchange: tunnel } = exchangeOf({ upgrade: "websocket" });
  assert.equal(bed.pool.foresee(tunnel), "breaker-open");
  assert.equal(idOf(bed.pool.pick(bed.exchange, [])), "a");
  assert.equal(foreseen(bed), "b", "its trial is under way");
});
