import assert from "node:assert/strict";
import { request as send } from "node:http";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { createGateway } from "@tandem/kernel/gateway";
import { RequestRecord } from "@tandem/kernel/record";
import type { Stage } from "@tandem/kernel/stage";
import { answer, request, serve } from "@tandem/kernel/testing";
import { createIds } from "@tandem/platform/random";
import { createSpanExporter } from "@tandem/platform/telemetry/span-exporter";
import { startOtlpReceiver } from "@tandem/platform/telemetry/testing";
import { traceparentOf } from "@tandem/platform/telemetry/trace-context";
import { createAccessLog } from "./access-log/access-log.ts";
import { createRequestMetrics } from "./metrics/request-metrics.ts";
import { observed, type ObservedOptions } from "./observed.ts";
import { createTraceRing } from "./trace/trace-ring.ts";

const ids = createIds();
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** A tier with everything that watches it, and what it wrote. */
function tierOf(stages: readonly Stage[], more: Partial<ObservedOptions> = {}) {
  const lines: any[] = [];
  const metrics = createRequestMetrics({ tier: "security" });
  const ring = createTraceRing({ keep: 10 });
  const origin = { tier: "security", service: "security-gateway", instance: "one" };
  const accessLog = createAccessLog({ origin, lines: { line: (text) => void lines.push(JSON.parse(text)) } });
  const watching = observed({
    from: "strangers",
    traces: { sample: 1 },
    ids,
    accessLog,
    logger: silent,
    metrics,
    ring,
    ...more,
  });
  return { gateway: createGateway([...stages, answer], watching), lines, metrics, ring };
}

/** The observers run when the connection has taken the last byte, which a client may see first. */
async function settled(lines: readonly unknown[], count = 1): Promise<void> {
  for (let round = 0; round < 100 && lines.length < count; round++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(lines.length, count);
}

/** What `forward` and `proxy` do, as far as a trace is concerned. */
const hop = (target: string, port: number): Stage => ({
  name: "forward",
  run: (exchange) =>
    exchange.act("forward", () => {
      const { record, reply } = exchange;
      const spanId = ids.spanId();
      const attempt = { target, instance: `127.0.0.1:${port}`, spanId, startedAt: record.now() };
      record.attempts.push(attempt);
      const headers = [
        ...exchange.outgoing.applyTo(["host", "a"]),
        "traceparent",
        traceparentOf(record.trace!, spanId),
      ];
      const outgoing = send({ host: "127.0.0.1", port, path: "/", headers, agent: false });
      outgoing.on("response", (response) => {
        Object.assign(attempt, { status: response.statusCode, outcome: "answered" });
        response.resume().on("end", () => {
          Object.assign(attempt, { endedAt: record.now() });
          reply.send(response.statusCode ?? 0, [], "");
        });
      });
      outgoing.end();
    }),
});

test("a request through two tiers is one trace at the collector", async (t: TestContext) => {
  const collector = await startOtlpReceiver();
  t.after(() => collector.close());
  const exporterOf = (service: string) => {
    const exporter = createSpanExporter({ url: collector.url, service, instance: "one", logger: silent, every: 5 });
    t.after(() => exporter.shutdown(100));
    return exporter;
  };
  const matchRoute: Stage = { name: "matchRoute", run: ({ record }) => void (record.route = "orders-read") };
  const authorize: Stage = { name: "authorize", run: () => {} };
  const routing = tierOf([matchRoute, authorize], {
    from: "security-tier",
    traces: { sample: 0 },
    exporter: exporterOf("routing-gateway"),
  });
  const port = await serve(t, routing.gateway);
  const security = tierOf([hop("routing-gateway", port)], { exporter: exporterOf("security-gateway") });
  const stranger = { traceId: "1".repeat(32), spanId: "2".repeat(16) };
  const { headers } = await request(t, security.gateway, {
    headers: { traceparent: `00-${stranger.traceId}-${stranger.spanId}-00`, tracestate: "foo=1" },
  });
  await Promise.all([settled(security.lines), settled(routing.lines)]);

  const { "trace.id": traceId, "http.request.id": requestId } = security.lines[0];
  const [line] = routing.lines;
  assert.deepEqual([line["trace.id"], line["http.request.id"]], [traceId, requestId]);
  assert.equal(headers["x-request-id"], requestId);
  assert.notEqual(traceId, stranger.traceId);

  // Each tier exports all spans of a request at once.
  const spans = await collector.until((all) => {
    const trace = all.filter((span) => span.traceId === traceId);
    return trace.filter(({ kind }) => kind === 2).length === 2 ? trace : undefined;
  });
  const find = (service: string, kind: number, name = "") => {
    const span = spans.find(
      (one) => one.resource["service.name"] === service && one.kind === kind && one.name.endsWith(name),
    );
    assert.ok(span, `${service} has no span of kind ${kind}`);
    return span;
  };
  const [server, client] = [find("security-gateway", 2), find("security-gateway", 3)];
  const [behind, phase] = [find("routing-gateway", 2), find("routing-gateway", 1, "authorize")];
  assert.deepEqual(
    [server.name, client.name, behind.name, phase.name],
    ["GET", "GET routing-gateway", "GET orders-read", "authorize"],
  );
  assert.deepEqual(
    [server.parentSpanId, client.parentSpanId, behind.parentSpanId, phase.parentSpanId],
    ["", server.spanId, client.spanId, behind.spanId],
  );
  assert.equal(spans.filter(({ parentSpanId }) => !spans.some(({ spanId }) => spanId === parentSpanId)).length, 1);
  assert.deepEqual([server.spanId, behind.spanId], [security.lines[0]["span.id"], line["span.id"]]);
  assert.deepEqual(server.links, [stranger]);
  assert.deepEqual([server.state, behind.state], ["", ""]);
  assert.equal(behind.attributes["tandem.request_id"], requestId);
  assert.equal(client.attributes["http.response.status_code"], 200);
  assert.ok(server.startNanos <= client.startNanos && client.startNanos <= behind.startNanos);
  assert.ok(behind.endNanos <= server.endNanos + 1_000_000n);
  assert.equal(security.ring.get(requestId)?.[0]?.spanId, server.spanId);
});

test("a request that the first real stage refuses has its id, its line and its count", async (t) => {
  const refuse: Stage = {
    name: "hygiene",
    run() {
      throw new GatewayError("request.path");
    },
  };
  const { gateway, lines, metrics } = tierOf([refuse]);
  const { status, headers, json } = await request(t, gateway, { path: "/..%2f?token=hunter2" });
  await settled(lines);
  assert.equal(status, 400);
  assert.equal(headers["x-request-id"], json.requestId);
  const { "http.request.id": requestId, "url.original": target, "tandem.flags": flags } = lines[0];
  assert.deepEqual([requestId, target, flags], [json.requestId, "/..%2f", ["malformed"]]);
  assert.deepEqual(Object.keys(lines[0]["tandem.phases_ms"]), ["begin", "hygiene"]);
  const problems = metrics.summed.find(({ name }) => name === "tandem_problems");
  const labels = { tier: "security", service: "", code: "request.path" };
  assert.deepEqual([...((await problems?.points()) ?? [])], [{ labels, value: 1 }]);
  assert.equal(metrics.inFlight, 0);
});

test("what the parser refused has them too", () => {
  const { gateway, lines, metrics, ring } = tierOf([]);
  gateway.refused(Object.assign(new RequestRecord(), { status: 400, error: "request.malformed", duration: 1 }));
  assert.match(lines[0]["http.request.id"], /^[a-z2-7]{26}$/);
  assert.match(lines[0]["trace.id"], /^[0-9a-f]{32}$/);
  assert.deepEqual(lines[0]["tandem.flags"], ["parser-refused", "malformed"]);
  assert.equal(metrics.inFlight, 0);
  assert.equal(ring.get(lines[0]["http.request.id"])?.length, 1);
});

test("an id that the listener gave is kept", () => {
  const { gateway, lines } = tierOf([]);
  gateway.refused(Object.assign(new RequestRecord(), { id: "given", status: 431 }));
  assert.equal(lines[0]["http.request.id"], "given");
});

test("what is unsampled and well leaves a line and no spans", async (t) => {
  const exported: unknown[] = [];
  const exporter = { export: (spans: readonly unknown[]) => void exported.push(...spans) };
  const { gateway, lines, ring } = tierOf([], { traces: { sample: 0 }, exporter });
  await request(t, gateway);
  await settled(lines);
  assert.deepEqual([lines[0]["tandem.sampled"], exported.length, ring.latest(5).length], [false, 0, 0]);
});

test("a client that leaves is written down as having left", async (t) => {
  const stuck: Stage = { name: "stuck", run: (exchange) => exchange.act("nothing", () => {}) };
  const { gateway, lines, metrics } = tierOf([stuck]);
  const socket = connect(await serve(t, gateway), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  while (metrics.inFlight === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  socket.destroy();
  await settled(lines);
  assert.deepEqual([lines[0]["tandem.flags"], metrics.inFlight], [["client-left"], 0]);
});

test("an observer that fails takes nothing with it and is reported once", async (t) => {
  const errors: string[] = [];
  const lines: string[] = [];
  const { gateway, metrics } = tierOf([], {
    logger: { error: (message) => void errors.push(message) },
    accessLog: {
      observe({ id }) {
        lines.push(id);
        throw new Error("the log is broken");
      },
    },
  });
  for (const one of [gateway, gateway]) assert.equal((await request(t, one)).status, 200);
  await settled(lines, 2);
  assert.deepEqual([errors.length, metrics.inFlight], [1, 0]);
});
