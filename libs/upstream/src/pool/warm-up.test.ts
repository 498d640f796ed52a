import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, endpoint } from "./bench.testing.ts";

const slowStart = { window: "10s", from: 0.1 };
const failing = { status: 503 };

test("those that are there when the gateway starts have their full share, whatever else it learns then", (t) => {
  const bed = bench(t, { rules: { slowStart } });
  bed.tell();
  bed.tell(endpoint("a"), endpoint("b"));
  assert.deepEqual([bed.seen("a").state, bed.spread(20)], ["healthy", { a: 10, b: 10 }]);
});

test("one that comes later begins with little, and has its full share in the end", async (t) => {
  const bed = bench(t, { rules: { slowStart } });
  bed.tell(endpoint("a", 10));
  bed.tell(endpoint("a", 10), endpoint("b", 10));
  const shares: number[] = [];
  for (let second = 0; second <= 10; second++) {
    shares.push(bed.seen("b").weight);
    await bed.pass(1_000);
  }
  assert.deepEqual(shares, [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual([bed.seen("b").state, bed.spread(100)], ["healthy", { a: 50, b: 50 }]);
});

test("one that has recovered begins with little as well", async (t) => {
  const bed = bench(t, { rules: { slowStart } });
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", failing, 5);
  assert.deepEqual([bed.seen("a").weight, bed.seen("a").fullWeight], [0, 1]);
  await bed.pass(30_000);
  assert.deepEqual([bed.seen("a").state, bed.seen("a").weight], ["warming", 0.1]);
  const { a = 0 } = bed.spread(110);
  assert.ok(a >= 9 && a <= 11, `${a} of 110`);
  bed.pool.avoid(bed.instance("b"));
  await bed.pass(1_000);
  assert.equal(bed.seen("b").state, "warming", "so does one to which no connection opened");
  await bed.pass(10_000);
  assert.deepEqual(bed.spread(20), { a: 10, b: 10 });
});

test("without a slow start one begins with its full share", (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"));
  bed.tell(endpoint("a"), endpoint("b"));
  assert.deepEqual(bed.spread(20), { a: 10, b: 10 });
});

test("a zone is preferred where both the service and the gateway say so", (t) => {
  for (const { zone, own, chosen } of [
    { zone: "prefer", own: "x", chosen: "a" },
    { zone: "any", own: "x", chosen: "a b" },
  ] as const) {
    const bed = bench(t, { rules: { zone }, zone: own });
    bed.tell(endpoint("a", 1, "x"), endpoint("b", 1, "y"));
    assert.equal(bed.chosen(), chosen);
    assert.equal(bed.seen("b").zone, "y");
    t.mock.timers.reset();
  }
});

test("when the own zone fails, the others take over, and give back", async (t) => {
  const bed = bench(t, { rules: { zone: "prefer" }, zone: "x" });
  bed.tell(endpoint("a", 1, "x"), endpoint("b", 1, "y"));
  bed.ends("a", failing, 5);
  assert.deepEqual([bed.chosen(), bed.pool.view().table.reason], ["b", "spill"]);
  await bed.pass(30_000);
  assert.deepEqual([bed.chosen(), bed.pool.view().table.reason], ["a", "zone"]);
});

test("an instance that moves to another zone is taken for what it is now", (t) => {
  const bed = bench(t, { rules: { zone: "prefer" }, zone: "x" });
  bed.tell(endpoint("a", 1, "x"), endpoint("b", 1, "y"));
  bed.tell(endpoint("a", 1, "y"), endpoint("b", 1, "x"));
  assert.equal(bed.chosen(), "b");
});
