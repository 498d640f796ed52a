import assert from "node:assert/strict";
import { test } from "node:test";
import { createIds } from "@tandem/platform/random";
import { isSampled, traceIds } from "./trace-ids.ts";

const theirs = { traceId: "1".repeat(32), spanId: "2".repeat(16) };
const ours = { traceId: "a".repeat(32), spanId: "b".repeat(16) };
const ids = { traceId: () => ours.traceId, spanId: () => ours.spanId };
const claims = { traceparents: [`00-${theirs.traceId}-${theirs.spanId}-03`], tracestates: ["foo=1"] };
const nothing = { traceparents: [], tracestates: [] };

test("a request without a context begins a trace", () => {
  const trace = traceIds(nothing, { trust: "restart", outside: true, sample: 1, ids });
  assert.deepEqual(trace, { ...ours, sampled: true, random: true });
});

test("a stranger's trace is linked and not continued, and its state is dropped", () => {
  const trace = traceIds(claims, { trust: "restart", outside: true, sample: 0, ids });
  assert.deepEqual(trace, { ...ours, sampled: false, random: true, link: theirs });
});

test("the security tier's trace is continued, with its decision and its state", () => {
  const trace = traceIds(claims, { trust: "continue", outside: false, sample: 0, ids });
  const { traceId, spanId: parentSpanId } = theirs;
  const inherited = { traceId, parentSpanId, sampled: true, random: true, state: "foo=1" };
  assert.deepEqual(trace, { ...inherited, spanId: ours.spanId });
});

test("a trusted caller's trace is continued too, and what it decided is kept behind", () => {
  const trace = traceIds(claims, { trust: "continue", outside: true, sample: 0, ids });
  assert.deepEqual([trace.traceId, trace.parentSpanId, trace.state], [theirs.traceId, theirs.spanId, "foo=1"]);
  assert.deepEqual([trace.sampled, trace.decided], [true, true]);
});

test("a trusted caller without a context has decided nothing", () => {
  const trace = traceIds(nothing, { trust: "continue", outside: true, sample: 1, ids });
  assert.deepEqual(trace, { ...ours, sampled: true, random: true });
});

test("what is ignored leaves nothing behind", () => {
  const trace = traceIds(claims, { trust: "ignore", outside: true, sample: 0, ids });
  assert.deepEqual(trace, { ...ours, sampled: false, random: true });
});

test("an unsampled parent has no sampled child", () => {
  const unsampled = { ...claims, traceparents: [`00-${theirs.traceId}-${theirs.spanId}-00`] };
  const trace = traceIds(unsampled, { trust: "continue", outside: false, sample: 1, ids });
  assert.deepEqual([trace.sampled, trace.random], [false, false]);
});

test("a malformed context of the security tier begins a new trace", () => {
  const trace = traceIds(
    { ...claims, traceparents: ["00-1-2-03"] },
    { trust: "continue", outside: false, sample: 0, ids },
  );
  assert.deepEqual(trace, { ...ours, sampled: false, random: true });
});

for (const ratio of [0, 0.1, 0.5, 1]) {
  test(`a ratio of ${ratio} samples that share`, () => {
    const random = createIds();
    let sampled = 0;
    for (let round = 0; round < 10_000; round++) if (isSampled(random.traceId(), ratio)) sampled++;
    assert.ok(Math.abs(sampled / 10_000 - ratio) < 0.03, String(sampled));
  });
}

test("whoever samples more also samples what the others do", () => {
  const random = createIds();
  for (let round = 0; round < 1000; round++) {
    const id = random.traceId();
    if (isSampled(id, 0.1)) assert.ok(isSampled(id, 0.3));
  }
});
