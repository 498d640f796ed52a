import assert from "node:assert/strict";
import { test } from "node:test";
import { Allowance } from "./allowance.ts";

test("what is allowed in ten seconds may be spent at once", () => {
  const allowance = new Allowance(3, 0);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => allowance.take(0)),
    [true, true, true, false],
  );
});

test("it comes back as time passes, and never more than the whole of it", () => {
  const allowance = new Allowance(2, 0);
  allowance.take(0);
  allowance.take(0);
  assert.equal(allowance.take(4000), false);
  assert.equal(allowance.take(5000), true);
  assert.deepEqual(
    [1, 2, 3].map(() => allowance.take(90_000)),
    [true, true, false],
  );
});

test("asking in vain costs nothing", () => {
  const allowance = new Allowance(1, 0);
  assert.equal(allowance.take(0), true);
  for (let now = 0; now < 10_000; now += 1000) assert.equal(allowance.take(now), false);
  assert.equal(allowance.take(10_001), true);
});
