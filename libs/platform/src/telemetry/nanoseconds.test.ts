import assert from "node:assert/strict";
import { test } from "node:test";
import { drawing } from "../drawing.testing.ts";
import { addNanoseconds, isTellable } from "./nanoseconds.ts";
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

test("times from 1970 on are told, as long as 64 bits hold them", () => {
  assert.deepEqual([0.000_001, 1, 1e13 - 1].filter(isTellable), [0.000_001, 1, 1e13 - 1]);
  assert.deepEqual([Number.NaN, -Infinity, -1, 0, 1e13, Infinity].filter(isTellable), []);
});
