import assert from "node:assert/strict";
import { test } from "node:test";
import { pauseAfter, retryAfterOf } from "./retry-delay.ts";

const backOff = { first: 25, most: 250 };

const pauses: { tries: number; drawn: number; expected: number }[] = [
  { tries: 1, drawn: 0, expected: 0 },
  { tries: 1, drawn: 0.5, expected: 12.5 },
  { tries: 2, drawn: 0.5, expected: 25 },
  { tries: 4, drawn: 0.5, expected: 100 },
  { tries: 5, drawn: 0.5, expected: 125 },
  { tries: 2_000, drawn: 0.5, expected: 125 },
];
for (const { tries, drawn, expected } of pauses)
  test(`after ${tries} tries and with ${drawn} drawn the pause is ${expected} ms`, () => {
    assert.equal(
      pauseAfter(tries, backOff, () => drawn),
      expected,
    );
  });

const now = Date.parse("Tue, 03 Mar 2026 10:00:00 GMT");
const waits: { value: string | string[] | undefined; expected: number }[] = [
  { value: undefined, expected: 0 },
  { value: "0", expected: 0 },
  { value: "3", expected: 3_000 },
  { value: "Tue, 03 Mar 2026 10:00:30 GMT", expected: 30_000 },
  { value: "Tue, 03 Mar 2026 09:00:00 GMT", expected: 0 },
  { value: "9".repeat(400), expected: Number.POSITIVE_INFINITY },
  { value: "soon", expected: 0 },
  { value: "-3", expected: 0 },
  { value: ["1", "2"], expected: 0 },
];
for (const { value, expected } of waits)
  test(`Retry-After ${String(value).slice(0, 40)} is ${expected} ms`, () => {
    assert.equal(retryAfterOf(value, now), expected);
  });
