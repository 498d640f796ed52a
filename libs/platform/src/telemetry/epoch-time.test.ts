import assert from "node:assert/strict";
import { test } from "node:test";
import { createEpochTime } from "./epoch-time.ts";

test("time passes between two ticks of the wall clock", () => {
  let monotonic = 10;
  const time = createEpochTime({ now: () => Math.floor(1000.25 + monotonic), monotonic: () => monotonic }, 1000.25);
  assert.equal(time(), 1010.25);
  monotonic = 10.5;
  assert.equal(time(), 1010.75);
});

const cases = [
  { name: "a wall clock set forward is followed", wall: 5_000, expected: [5_000, 5_001] },
  { name: "a wall clock set back is followed", wall: 500, expected: [500, 501] },
] as const;
for (const { name, wall, expected } of cases) {
  test(name, () => {
    const time = createEpochTime({ now: () => wall, monotonic: () => 10 }, 1000);
    const told = time();
    assert.ok(told >= expected[0] && told < expected[1], String(told));
  });
}

test("the machine's own time is within the millisecond that it shows", () => {
  const time = createEpochTime();
  for (let round = 0; round < 1000; round++) {
    const before = Date.now();
    const told = time();
    assert.ok(told >= before && told < Date.now() + 1, `${told} is not in ${before}`);
  }
});
