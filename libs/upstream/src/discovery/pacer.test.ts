import assert from "node:assert/strict";
import { test } from "node:test";
import { createPacer } from "./pacer.ts";

test("a burst passes at once, and what follows it is spread", () => {
  const pace = createPacer({ burst: 3, every: 100 });
  assert.deepEqual([pace(0), pace(0), pace(0), pace(0)], [0, 0, 0, 100]);
  assert.equal(pace(100), 100);
});

test("a loop that spins for ten seconds gets round about a hundred times", () => {
  const pace = createPacer({ burst: 5, every: 100 });
  let rounds = 0;
  for (let now = 0; now < 10_000; now += pace(now)) rounds++;
  assert.ok(rounds >= 100 && rounds <= 105, String(rounds));
});

test("after a rest the whole burst is there again", () => {
  const pace = createPacer({ burst: 2, every: 100 });
  for (let round = 0; round < 10; round++) pace(0);
  assert.deepEqual([pace(60_000), pace(60_000)], [0, 0]);
});
