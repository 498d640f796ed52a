import assert from "node:assert/strict";
import { test } from "node:test";
import { createIsoTime, milliseconds, quote } from "./json-text.ts";

for (const [given, expected] of [
  [0, "0"],
  [0.0004, "0"],
  [0.0006, "0.001"],
  [0.25, "0.25"],
  [1, "1"],
  [12.3456, "12.346"],
  [999.9999, "1000"],
  [86_400_000.5, "86400000.5"],
  [-1, "0"],
  [Number.NaN, "0"],
] as const) {
  test(`${given} ms is printed as ${expected}`, () => assert.equal(milliseconds(given), expected));
}

test("long times are printed as JavaScript prints them", () => {
  for (let micros = 9_000; micros < 70_000_000; micros += 997)
    assert.equal(milliseconds(micros / 1000), String(micros / 1000));
});

test("times are printed as Date prints them", () => {
  const isoTime = createIsoTime();
  for (const time of [0, 999, 1000, 1_700_000_000_007, 1_700_000_000_123.75, 1_699_999_999_999, 4_102_444_800_000])
    assert.equal(isoTime(time), new Date(Math.floor(time)).toISOString());
});

test("a quoted text is read back as it was", () => {
  for (const text of ["", "plain text!", 'with "quotes"', "back\\slash", "tab\t", "é", "\u0000\u009b\u2028"])
    assert.equal(JSON.parse(quote(text)), text);
});

test("a long text is cut and says so", () => assert.equal(quote("abcdef", 3), '"abc…"'));
