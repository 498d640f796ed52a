import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff } from "./back-off.ts";

const cases = [
  { failures: 1, random: 0, expected: 50 },
  { failures: 1, random: 1, expected: 100 },
  { failures: 2, random: 1, expected: 200 },
  { failures: 5, random: 1, expected: 1_600 },
  { failures: 6, random: 1, expected: 2_000 },
  { failures: 6, random: 0, expected: 1_000 },
  { failures: 5_000, random: 1, expected: 2_000 },
];
for (const { failures, random, expected } of cases)
  test(`after ${failures} failures, with the draw ${random}, the wait is ${expected} ms`, () =>
    assert.equal(backOff(failures, { random: () => random }), expected));
