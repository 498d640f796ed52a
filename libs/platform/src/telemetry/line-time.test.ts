import assert from "node:assert/strict";
import { test } from "node:test";
import { epochOf } from "./line-time.ts";

const told = (text: string): number => {
  const bytes = Buffer.from(`before${text}behind`);
  return epochOf(bytes, { from: 6, to: bytes.length - 6 });
};

test("a time is what its text says, whatever was read before", () => {
  const times = ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.006Z", "2026-01-02T03:04:06.006Z", "2026-01-02"];
  for (const time of [...times, ...times.toReversed()]) assert.equal(told(`"${time}"`), Date.parse(time), time);
});

for (const text of ["", '"', "120205", '""', '"2026-01-02T03:04:05.6x8Z"', '"2026-13-02T03:04:05.678Z"'])
  test(`${text || "nothing"} is no time`, () => assert.ok(Number.isNaN(told(text))));

test("twenty bytes of nothing are no time before the first one", () => {
  assert.ok(Number.isNaN(told(`"${"\0".repeat(20)}678Z"`)));
});
