import assert from "node:assert/strict";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { CompactSpan } from "./compact-span.ts";
import { createSpanExporter, type SpanExporterOptions } from "./span-exporter.ts";
import { startOtlpReceiver, type OtlpReceiver } from "./testing.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const spanOf = (more: Partial<CompactSpan> = {}): CompactSpan => ({
  traceId: trace,
  spanId: "00f067aa0ba902b7",
  flags: 3,
  kind: "server",
  name: "GET catalog",
  startedAt: 1_700_000_000_123.25,
  duration: 12.5,
  attributes: {},
  ...more,
});

const exporterTo = (t: TestContext, url: string, more: Partial<SpanExporterOptions> = {}) => {
  const lines: string[] = [];
  const logger = { info: (message: string) => lines.push(message), warn: (message: string) => lines.push(message) };
  const exporter = createSpanExporter({ url, service: "tandem", instance: "one", logger, every: 10, ...more });
  t.after(() => exporter.shutdown(0));
  return { exporter, lines };
};
const receiver = async (t: TestContext): Promise<OtlpReceiver> => {
  const started = await startOtlpReceiver();
  t.after(() => started.close());
  return started;
};
const eventually = async (isSo: () => boolean): Promise<void> => {
  for (let round = 0; round < 200 && !isSo(); round++) await sleep(10);
  assert.ok(isSo(), "it never came to be");
};

test("a span arrives at the collector with all that was said of it", async (t) => {
  const collector = await receiver(t);
  const { exporter } = exporterTo(t, collector.url, { version: "1.2.3" });
  const attributes = { "url.path": "/catalog", "http.response.status_code": 503, cached: false, share: 0.5, delta: -2 };
  exporter.export([
    spanOf({
      parentSpanId: "b7ad6b7169203331",
      remoteParent: true,
      state: "foo=1",
      link: { traceId: "1".repeat(32), spanId: "2".repeat(16) },
      failure: "upstream.no-instance",
      attributes,
    }),
  ]);
  const [span] = await collector.traceOf(trace, 1);
  assert.deepEqual(span, {
    resource: { "service.name": "tandem", "service.instance.id": "one", "service.version": "1.2.3" },
    scope: "tandem",
    traceId: trace,
    spanId: "00f067aa0ba902b7",
    parentSpanId: "b7ad6b7169203331",
    state: "foo=1",
    name: "GET catalog",
    kind: 2,
    startNanos: 1_700_000_000_123_250_000n,
    endNanos: 1_700_000_000_135_750_000n,
    attributes,
    links: [{ traceId: "1".repeat(32), spanId: "2".repeat(16) }],
    status: { code: 2, message: "upstream.no-instance" },
    flags: 0x303,
  });
  await eventually(() => exporter.exported === 1);
  assert.equal(exporter.dropped, 0);
});

test("spans wait for company, and a full batch does not wait", async (t) => {
  const collector = await receiver(t);
  const { exporter } = exporterTo(t, collector.url, { batch: 50, every: 60_000 });
  for (let index = 0; index < 120; index++) exporter.export([spanOf()]);
  await eventually(() => exporter.exported === 100);
  assert.equal(collector.exports, 2);
  await exporter.shutdown();
  assert.equal(collector.spans.length, 120);
});

test("long spans leave in more exports, each of a length that a collector takes", async (t) => {
  const collector = await receiver(t);
  const { exporter } = exporterTo(t, collector.url, { every: 60_000, queue: 8192 });
  const long = spanOf({ state: `a=${"b".repeat(4094)}`, attributes: { "url.path": "p".repeat(4096) } });
  // More than an eighth of the queue: four batches at once, were they short.
  exporter.export(Array.from({ length: 1500 }, () => long));
  await eventually(() => exporter.exported === 4 * 256);
  assert.equal(collector.exports, 4);
  exporter.export([spanOf({ attributes: { cause: "x".repeat(3_000_000) } })]);
  await exporter.shutdown();
  assert.deepEqual([collector.spans.length, collector.exports, exporter.dropped], [1501, 7, 0]);
});

test("a collector that is gone costs spans, one line, and one more when it is back", async (t) => {
  const gone = await startOtlpReceiver();
  await gone.close();
  const { exporter, lines } = exporterTo(t, gone.url, { timeout: 50 });
  for (let index = 0; index < 3; index++) {
    exporter.export([spanOf()]);
    await eventually(() => exporter.dropped === index + 1);
  }
  assert.deepEqual(lines, ["spans cannot be exported"]);
  const back = await startOtlpReceiver(gone.port);
  t.after(() => back.close());
  exporter.export([spanOf()]);
  await eventually(() => exporter.exported === 1);
  assert.deepEqual(lines, ["spans cannot be exported", "spans are exported again"]);
});

for (const behaviour of [404, 400, 503, "silent", "trickle", "garbage"] as const) {
  test(`a collector that answers ${behaviour} loses the batch and holds nothing up`, async (t) => {
    const collector = await receiver(t);
    collector.behave(behaviour);
    const { exporter, lines } = exporterTo(t, collector.url, { timeout: 60 });
    exporter.export([spanOf(), spanOf()]);
    await eventually(() => exporter.dropped === 2);
    assert.deepEqual(lines, ["spans cannot be exported"]);
    collector.behave(200);
    exporter.export([spanOf()]);
    await eventually(() => exporter.exported === 1);
  });
}

test("what a collector refuses of a batch is counted, and the rest is exported", async (t) => {
  const collector = await receiver(t);
  collector.behave("partial");
  const { exporter, lines } = exporterTo(t, collector.url);
  exporter.export([spanOf(), spanOf(), spanOf()]);
  await eventually(() => exporter.exported === 2);
  assert.equal(exporter.dropped, 1);
  assert.deepEqual(lines, ["spans cannot be exported"]);
});

test("a full queue drops what comes, says so once, and says when it is over", async (t) => {
  const collector = await receiver(t);
  collector.behave("silent");
  const { exporter, lines } = exporterTo(t, collector.url, { queue: 10, batch: 5, timeout: 300 });
  for (let index = 0; index < 5; index++) exporter.export([spanOf()]);
  await eventually(() => collector.exports === 1);
  for (let index = 0; index < 30; index++) exporter.export([spanOf()]);
  assert.equal(exporter.dropped, 20);
  assert.deepEqual(lines, ["the collector is slower than the traffic, spans are dropped"]);
  collector.behave(200);
  await eventually(() => exporter.exported === 10);
  assert.equal(lines.at(-1), "spans are exported again");
});

test("shutdown sends what waits", async (t) => {
  const collector = await receiver(t);
  const { exporter } = exporterTo(t, collector.url, { every: 60_000, batch: 2 });
  exporter.export([spanOf(), spanOf(), spanOf()]);
  await exporter.shutdown();
  assert.equal(collector.spans.length, 3);
  exporter.export([spanOf()]);
  assert.equal(exporter.dropped, 1);
});

test("shutdown gives a silent collector no more than its time, and counts what was lost", async (t) => {
  const collector = await receiver(t);
  collector.behave("silent");
  const { exporter, lines } = exporterTo(t, collector.url, { every: 60_000, batch: 2, timeout: 700 });
  exporter.export([spanOf(), spanOf(), spanOf()]);
  const began = performance.now();
  await exporter.shutdown(100);
  assert.ok(performance.now() - began < 1000);
  assert.equal(exporter.dropped, 3);
  assert.equal(lines.at(-1), "spans were lost at shutdown");
});

test("the log never shows the password of the collector's address", async (t) => {
  const fields: object[] = [];
  const note = (_: string, more: object = {}) => void fields.push(more);
  const { exporter } = exporterTo(t, "http://user:hunter2@127.0.0.1:1/?key=hunter2", {
    timeout: 50,
    logger: { info: note, warn: note },
  });
  exporter.export([spanOf()]);
  await eventually(() => fields.length > 0);
  assert.doesNotMatch(JSON.stringify(fields), /hunter2/);
});

test("the receiver refuses what is not OTLP", async (t) => {
  const collector = await receiver(t);
  const post = (path: string, body: string, type = "application/x-protobuf") =>
    fetch(collector.url + path, { method: "POST", body, headers: { "content-type": type } }).then(
      ({ status }) => status,
    );
  assert.equal(await post("/v1/metrics", ""), 404);
  assert.equal(await post("/v1/traces", "{}", "application/json"), 415);
  assert.equal(await post("/v1/traces", "\n\u007fshort"), 400);
  const socket = connect(collector.port, "127.0.0.1").on("error", () => {});
  socket.destroy();
  assert.equal(collector.spans.length, 0);
});
