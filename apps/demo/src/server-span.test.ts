import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "@tandem/platform/testing";
import { catalog } from "./catalog.ts";
import { demo } from "./testing.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

test("a request that is traced goes on with its trace", async (t) => {
  const { port, spans } = await demo(t, catalog);
  await ask(port, "/catalog/items/tandem", {
    headers: { traceparent: `00-${traceId}-${spanId}-01`, tracestate: "a=1" },
  });
  const [span] = spans;
  assert.equal(span?.traceId, traceId);
  assert.equal(span.parentSpanId, spanId);
  assert.notEqual(span.spanId, spanId);
  assert.deepEqual([span.kind, span.name, span.flags, span.state], ["server", "GET /catalog/items/:id", 1, "a=1"]);
  assert.equal(span.attributes["http.response.status_code"], 200);
  assert.ok(span.duration > 0);
  assert.ok(Math.abs(span.startedAt - Date.now()) < 5000);
});

test("a request that nobody traces begins a trace", async (t) => {
  const { port, spans } = await demo(t, catalog);
  await ask(port, "/catalog/items");
  assert.match(spans[0]?.traceId ?? "", /^[0-9a-f]{32}$/);
  assert.equal(spans[0]?.parentSpanId, undefined);
});

test("a request that is not sampled leaves no span", async (t) => {
  const { port, spans } = await demo(t, catalog);
  await ask(port, "/catalog/items", { headers: { traceparent: `00-${traceId}-${spanId}-00` } });
  assert.deepEqual(spans, []);
});

test("a health check leaves no span", async (t) => {
  const { port, spans } = await demo(t, catalog);
  assert.equal((await ask(port, "/health")).json.status, "ok");
  assert.deepEqual(spans, []);
});

test("a request that found no route has a span without one", async (t) => {
  const { port, spans } = await demo(t, catalog);
  await ask(port, "/nowhere?secret=1");
  assert.deepEqual([spans[0]?.name, spans[0]?.attributes["url.path"]], ["GET", "/nowhere"]);
});
