import assert from "node:assert/strict";
import test from "node:test";
import { parseQuantity, repairQuantity, size, time } from "./quantity.ts";

const durations: [string, number | undefined][] = [
  ["250ms", 250],
  ["3s", 3000],
  ["1.5s", 1500],
  ["1.005s", 1005],
  ["10m", 600_000],
  ["1h", 3_600_000],
  ["7d", 604_800_000],
  ["0s", 0],
  ["0.0001s", undefined],
  ["3", undefined],
  ["-3s", undefined],
  ["3 s", undefined],
  ["3S", undefined],
  ["1m30s", undefined],
  ["1e3s", undefined],
  ["9".repeat(30) + "d", undefined],
  ["", undefined],
];
for (const [text, expected] of durations) {
  test(`the duration "${text}" is ${expected ?? "none"}`, () => assert.equal(parseQuantity(time, text), expected));
}

const sizes: [string, number | undefined][] = [
  ["512B", 512],
  ["64KiB", 65_536],
  ["1.5MiB", 1_572_864],
  ["2GiB", 2_147_483_648],
  ["64KB", undefined],
  ["64", undefined],
];
for (const [text, expected] of sizes) {
  test(`the size "${text}" is ${expected ?? "none"}`, () => assert.equal(parseQuantity(size, text), expected));
}

test("a unit that people write by habit is repaired", () => {
  const repaired = ["10 min", "5sec", "3S", "200 msec", "20 millis", "2 hours", "3"].map((text) =>
    repairQuantity(time, text),
  );
  assert.deepEqual(repaired, ["10m", "5s", "3s", "200ms", "20ms", "2h", undefined]);
  assert.deepEqual(
    ["64kb", "1M", "3 GB", "lots"].map((text) => repairQuantity(size, text)),
    ["64KiB", "1MiB", "3GiB", undefined],
  );
});
