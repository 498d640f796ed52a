import assert from "node:assert/strict";
import { test } from "node:test";
import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import { createTraceRing } from "./trace-ring.ts";

const spansOf = (traceId: string, path = "/"): CompactSpan[] => [
  {
    traceId,
    spanId: `${traceId}-server`,
    flags: 1,
    kind: "server",
    name: "GET orders",
    startedAt: 1000,
    duration: 5,
    attributes: { "url.path": path, "http.response.status_code": 200 },
  },
];

test("a trace is found by its own id and by that of its request", () => {
  const ring = createTraceRing({ keep: 3 });
  ring.add("request-1", spansOf("trace-1"));
  assert.equal(ring.get("trace-1")?.[0]?.spanId, "trace-1-server");
  assert.equal(ring.get("request-1")?.[0]?.spanId, "trace-1-server");
  assert.equal(ring.get("trace-2"), undefined);
});

test("two requests of one trace are found together under either request", () => {
  const ring = createTraceRing({ keep: 3 });
  ring.add("request-1", spansOf("trace-1"));
  ring.add("request-2", spansOf("trace-2"));
  ring.add("request-3", spansOf("trace-1"));
  assert.equal(ring.get("request-1")?.length, 2);
  assert.equal(ring.get("trace-1")?.length, 2);
});

test("only the latest are kept", () => {
  const ring = createTraceRing({ keep: 2 });
  for (const number of [1, 2, 3]) ring.add(`request-${number}`, spansOf(`trace-${number}`, `/${number}`));
  assert.equal(ring.get("trace-1"), undefined);
  assert.deepEqual(
    ring.latest(10).map(({ path }) => path),
    ["/3", "/2"],
  );
  assert.deepEqual(ring.latest(1), [
    {
      traceId: "trace-3",
      requestId: "request-3",
      name: "GET orders",
      path: "/3",
      status: 200,
      startedAt: 1000,
      duration: 5,
    },
  ]);
});

test("old traces are forgotten though there is room", () => {
  let now = 0;
  const ring = createTraceRing({ keep: 5, age: 100, now: () => now });
  ring.add("request-1", spansOf("trace-1"));
  now = 60;
  ring.add("request-2", spansOf("trace-2"));
  now = 120;
  assert.equal(ring.get("trace-1"), undefined);
  assert.ok(ring.get("trace-2"));
  assert.equal(ring.latest(10).length, 1);
});

test("a ring of nothing keeps nothing", () => {
  const ring = createTraceRing({ keep: 0 });
  ring.add("request-1", spansOf("trace-1"));
  assert.equal(ring.get("trace-1"), undefined);
  assert.deepEqual(ring.latest(10), []);
});
