import assert from "node:assert/strict";
import { test } from "node:test";
import { drawing } from "../drawing.testing.ts";
import { addNanoseconds, epochOf } from "./line-time.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";

const written = (milliseconds: number): bigint => {
  const out = new ProtobufWriter(8);
  addNanoseconds(out, milliseconds);
  assert.equal(out.at, 8);
  return out.bytes.readBigUInt64LE();
};

test("nanoseconds are exact in all of their 64 bits", () => {
  const draw = drawing(3);
  const some = Array.from({ length: 20_000 }, () => Math.floor(draw.next() * 1e13));
  const edges = [0, 1, 999, 1000, 65_535_999, 65_536_000, 4_294_967_295_999, 4_294_967_296_000, 1e13 - 1];
  for (const milliseconds of [...edges, ...some])
    assert.equal(written(milliseconds), BigInt(milliseconds) * 1_000_000n, `${milliseconds} ms`);
});

test("a fraction of a millisecond is as exact as its double", () => {
  assert.equal(written(1_700_000_000_123.25), 1_700_000_000_123_250_000n);
  assert.equal(written(0.000_001), 1n);
});

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
