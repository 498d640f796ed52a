import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, endpoint } from "./bench.testing.ts";
import { Latency } from "./latency.ts";

test("it goes up at once, and comes down by time: half the way in five seconds", () => {
  const latency = new Latency();
  assert.equal(latency.at(0), 0);
  latency.measured(10, 0);
  assert.equal(latency.at(0), 10);
  latency.measured(200, 0);
  assert.equal(latency.at(0), 200);
  assert.equal(Math.round(latency.at(5_000)), 100);
  latency.measured(0.001, 5_000);
  assert.equal(Math.round(latency.at(5_000)), 100, "half of the old is kept, and all of the new is next to nothing");
});

test("many fast answers at one moment bring it down no faster than one", () => {
  const latency = new Latency();
  latency.measured(100, 0);
  for (let turn = 0; turn < 1_000; turn++) latency.measured(1, 0);
  assert.equal(Math.round(latency.at(0)), 100);
});

test("a wait that had no end counts only where it was longer", () => {
  const latency = new Latency();
  latency.measured(100, 0);
  latency.exceeded(50, 0);
  assert.equal(latency.at(0), 100);
  latency.exceeded(15_000, 0);
  assert.equal(latency.at(0), 15_000);
});

test("clients that leave before an answer begins show how long they waited, and those that leave later do not", (t) => {
  const bed = bench(t);
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", { outcome: "aborted", endedAt: 500 });
  bed.ends("b", { outcome: "aborted", firstByteAt: 20, endedAt: 500 });
  assert.deepEqual([bed.seen("a").latencyMs, bed.seen("b").latencyMs], [500, 0]);
});
