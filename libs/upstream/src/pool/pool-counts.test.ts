import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, endpoint } from "./bench.testing.ts";

test("a pool counts its instances by how they stand, and never by name", (t) => {
  const bed = bench(t, { rules: { limit: { requests: 9 }, health: { panic: 0 } } });
  bed.tell(...Array.from({ length: 1_000 }, (_, at) => endpoint(`i${at}`)));
  bed.ends("i1", { status: 503 }, 5);
  const { instances, ejections, limit, isPanicking } = bed.pool.counts();
  assert.deepEqual(
    { instances, ejections, limit, isPanicking },
    {
      instances: { healthy: 999, ejected: 1 },
      ejections: 1,
      limit: 9,
      isPanicking: false,
    },
  );
  assert.doesNotMatch(JSON.stringify(bed.pool.counts()), /i1/);
});

test("what opened stays counted when the instance is gone", (t) => {
  const bed = bench(t, { rules: { health: { outlier: false }, breaker: { minRequests: 4, rest: "10s" } } });
  bed.tell(endpoint("a"), endpoint("b"));
  bed.ends("a", { status: 503 }, 4);
  assert.deepEqual(bed.pool.counts().instances, { healthy: 1, "breaker-open": 1 });
  bed.tell(endpoint("b"));
  assert.deepEqual(bed.pool.counts().instances, { healthy: 1 });
  assert.equal(bed.pool.counts().breaks, 1);
});

test("with nobody there, it says that nobody is healthy", (t) => {
  const bed = bench(t);
  bed.tell();
  assert.deepEqual(bed.pool.counts().instances, { healthy: 0 });
});

test("a thousand instances that come and go leave nothing behind in the numbers", (t) => {
  const bed = bench(t, { rules: { health: { panic: 0 } } });
  let widest = 0;
  for (let round = 0; round < 3; round++) {
    bed.tell(...Array.from({ length: 1_000 }, (_, at) => endpoint(`r${round}i${at}`)));
    bed.ends(`r${round}i${round}`, { status: 503 }, 5);
    widest = Math.max(widest, JSON.stringify(bed.pool.counts()).length);
  }
  assert.ok(widest < 400, `${widest} characters`);
  assert.deepEqual(bed.pool.counts().instances, { healthy: 999, ejected: 1 });
  assert.equal(bed.pool.counts().ejections, 3);
  bed.tell();
  assert.deepEqual(bed.pool.counts().instances, { healthy: 0 });
});
