import assert from "node:assert/strict";
import { test } from "node:test";
import { Breaker } from "./breaker.ts";
import { breakerSchema, type BreakerOptions } from "./config.ts";

const options = (given: object = {}): BreakerOptions =>
  breakerSchema.parse({ minRequests: 4, rest: "1s", ...given }) ?? assert.fail();

/** Open at 0, and half open at 1000. */
function rested(given: object = {}): Breaker {
  const breaker = new Breaker(options(given));
  for (let turn = 0; turn < 4; turn++) breaker.ended(false, 0, 0);
  breaker.refresh(1_000);
  return breaker;
}

/** `x` is a failure, `.` a good answer. */
const cases = [
  { name: "too few", answers: "xxx", state: "closed" },
  { name: "enough, and half of them failed", answers: ".x.x", state: "open" },
  { name: "enough, and fewer than half of them failed", answers: "..x.", state: "closed" },
  { name: "a good answer does not open it", answers: "xxx.", state: "closed" },
  { name: "the next failure does", answers: "xxx.x", state: "open" },
] as const;
for (const { name, answers, state } of cases)
  test(`${name}: ${state}`, () => {
    const breaker = new Breaker(options());
    for (const answer of answers) breaker.ended(answer === ".", 0, 0);
    assert.equal(breaker.state, state);
  });

test("what failed longer ago than the window does not count", () => {
  const breaker = new Breaker(options({ window: "10s" }));
  for (let turn = 0; turn < 6; turn++) breaker.ended(false, 0, turn * 4_000);
  assert.equal(breaker.state, "closed");
});

test("after its rest one request at a time is tried, and a good answer closes it", () => {
  const breaker = rested();
  assert.equal(breaker.state, "half-open");
  assert.deepEqual([breaker.takeTrial(1_000), breaker.takeTrial(1_001)], [true, false]);
  assert.equal(breaker.ended(true, 1_000, 1_010), true);
  assert.equal(breaker.state, "closed");
  assert.deepEqual(breaker.counts(1_010), { ended: 0, failed: 0 });
});

test("it does not end its rest early", () => {
  const breaker = new Breaker(options());
  for (let turn = 0; turn < 4; turn++) breaker.ended(false, 0, 0);
  breaker.refresh(999);
  assert.equal(breaker.state, "open");
  assert.equal(breaker.takeTrial(999), false);
});

test("a trial that fails opens it again", () => {
  const breaker = rested();
  breaker.takeTrial(1_000);
  breaker.ended(false, 1_000, 1_500);
  assert.deepEqual([breaker.state, breaker.until, breaker.opened], ["open", 2_500, 2]);
});

test("as many trials as it was told must go well in a row", () => {
  const breaker = rested({ trials: 3 });
  for (const at of [1_000, 1_010]) {
    assert.equal(breaker.takeTrial(at), true);
    assert.equal(breaker.ended(true, at, at + 5), false);
  }
  breaker.takeTrial(1_020);
  assert.equal(breaker.ended(false, 1_020, 1_025), true);
  breaker.refresh(2_025);
  for (const at of [2_030, 2_040, 2_050]) {
    assert.equal(breaker.takeTrial(at), true);
    breaker.ended(true, at, at + 5);
  }
  assert.equal(breaker.state, "closed");
});

test("what began before its rest was over says nothing", () => {
  const breaker = rested();
  breaker.takeTrial(1_000);
  for (const good of [true, false]) assert.equal(breaker.ended(good, 900, 1_100), false);
  breaker.endedAnyhow(900);
  assert.equal(breaker.takeTrial(1_100), false, "the trial is still under way");
});

test("a trial whose client left makes room for another, and one that never ends for another after a rest", () => {
  const breaker = rested();
  breaker.takeTrial(1_000);
  breaker.endedAnyhow(1_000);
  assert.equal(breaker.takeTrial(1_001), true);
  assert.deepEqual([breaker.takeTrial(2_000), breaker.takeTrial(2_001)], [false, true]);
});
