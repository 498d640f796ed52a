import assert from "node:assert/strict";
import test from "node:test";
import { createIds } from "./random.ts";

const ids = createIds();

for (const [name, draw, form] of [
  ["a request id is 26 base32 digits", () => ids.requestId(), /^[a-z2-7]{26}$/],
  ["a trace id is 32 hex digits", () => ids.traceId(), /^[0-9a-f]{32}$/],
  ["a span id is 16 hex digits", () => ids.spanId(), /^[0-9a-f]{16}$/],
] as const) {
  test(name, () => {
    const drawn = Array.from({ length: 5000 }, draw);
    for (const id of drawn) assert.match(id, form);
    assert.equal(new Set(drawn).size, drawn.length);
  });
}

test("every digit of a request id is used evenly", () => {
  const counts = new Map<string, number>();
  for (let at = 0; at < 4000; at += 1) {
    for (const digit of ids.requestId()) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  }
  assert.equal(counts.size, 32);
  // 3250 each on average; five standard deviations are 280.
  for (const [digit, count] of counts) assert.ok(Math.abs(count - 3250) < 280, `${digit}: ${count}`);
});

test("no byte of the pool is used twice, and it is filled again before it runs out", () => {
  let fills = 0;
  const counted = createIds({
    fill(pool) {
      for (let at = 0; at < pool.length; at += 2) {
        pool[at] = (at / 2 + fills * 2048) >> 8;
        pool[at + 1] = (at / 2) & 255;
      }
      fills += 1;
    },
  });
  const traces = Array.from({ length: 256 }, () => counted.traceId());
  assert.equal(fills, 1);
  assert.equal(new Set(traces).size, 256);
  assert.equal(traces[0], "00000001000200030004000500060007");
  assert.equal(counted.requestId().length, 26);
  assert.equal(fills, 2);
});
