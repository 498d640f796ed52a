import assert from "node:assert/strict";
import { test } from "node:test";
import { answeredRecord, traceId } from "../testing.ts";
import { spansOfRecord } from "../trace/spans-of-record.ts";
import { isTracePart, scaleOf, waterfallOf } from "./waterfall-rows.ts";

const routing = {
  service: "routing-gateway",
  spans: spansOfRecord(answeredRecord(), { spanId: () => "cccccccccccccccc" }),
};
const [server] = routing.spans;
const security = {
  service: "security-gateway",
  spans: [
    {
      ...server!,
      spanId: "eeeeeeeeeeeeeeee",
      parentSpanId: "0000000000000001",
      startedAt: server!.startedAt - 2,
      duration: 15.5,
    },
  ],
};

test("what a tier did stands below what asked it, and begins where it began", () => {
  const { rows, length, traceId: shown } = waterfallOf([routing, security]);
  assert.equal(shown, traceId);
  assert.equal(length, 15.5);
  assert.deepEqual(
    rows.slice(0, 2).map(({ service, depth, start, duration }) => [service, depth, start, duration]),
    [
      ["security-gateway", 0, 0, 15.5],
      ["routing-gateway", 1, 2, 12.5],
    ],
  );
  assert.ok(rows.some(({ kind, depth, tone }) => kind === "client" && depth === 2 && tone === "bad"));
});

test("a tier whose clock is behind begins before the one that asked it, and nothing lies outside", () => {
  const early = { ...security, spans: security.spans.map((span) => ({ ...span, startedAt: span.startedAt + 100 })) };
  const { rows, length } = waterfallOf([early, routing]);
  assert.ok(rows.every(({ start, duration }) => start >= 0 && start + duration <= length));
});

test("no spans are no lines, and a thousand are not shown", () => {
  assert.deepEqual(waterfallOf([]).rows, []);
  const spans = Array.from({ length: 1000 }, (_, index) => ({ ...server!, spanId: `span-${index}` }));
  assert.equal(waterfallOf([{ service: "x", spans }]).rows.length, 300);
});

test("only what looks like a part of a trace is taken for one", () => {
  assert.ok(isTracePart(routing));
  for (const other of [undefined, null, 1, [], {}, { service: "x" }, { service: "x", spans: "y" }])
    assert.equal(isTracePart(other), false);
});

for (const { length, expected } of [
  { length: 12.5, expected: [0, 5, 10] },
  { length: 1, expected: [0, 0.2, 0.4, 0.6, 0.8, 1] },
  { length: 30_000, expected: [0, 10_000, 20_000, 30_000] },
])
  test(`a scale of ${length} ms has round times`, () =>
    assert.deepEqual(
      scaleOf(length).map((tick) => Math.round(tick * 1000) / 1000),
      expected,
    ));
