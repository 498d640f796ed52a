import assert from "node:assert/strict";
import { test } from "node:test";
import { median, ratios } from "./figures.ts";

const run = (cpuPerRequest: number) => ({ cpuPerRequest, perSecond: 0, p50: 0, p99: 0, memory: 0, failed: 0 });

test("the median of an even number is the mean of the middle two", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([9, 1, 5]), 5);
});

test("ratios are taken pair by pair, not of the medians", () => {
  const pairs = [
    [run(100), run(150)],
    [run(200), run(260)],
    [run(50), run(80)],
  ] as const;
  assert.deepEqual(ratios(pairs), { least: 1.3, middle: 1.5, most: 1.6 });
});
