import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { keepingLogger, until } from "../testing.ts";
import { createLogExporter, type LogExporterOptions } from "./log-exporter.ts";
import { startOtlpReceiver, type OtlpReceiver } from "./testing.ts";

const exporterTo = (t: TestContext, url: string, more: Partial<LogExporterOptions> = {}) => {
  const logger = keepingLogger();
  const exporter = createLogExporter({ url, service: "routing-gateway", instance: "one", logger, every: 5, ...more });
  t.after(() => exporter.shutdown(0));
  return { exporter, logger };
};
const receiver = async (t: TestContext): Promise<OtlpReceiver> => {
  const started = await startOtlpReceiver();
  t.after(() => started.close());
  return started;
};
const sent = async (t: TestContext, lines: readonly string[]) => {
  const collector = await receiver(t);
  const { exporter } = exporterTo(t, collector.url, { version: "1.2.3" });
  exporter.export(lines);
  await until("all is exported", () => exporter.exported === lines.length);
  return collector.logs;
};

const request = {
  "@timestamp": "2026-01-02T03:04:05.678Z",
  "log.level": "error",
  message: "GET /orders 503",
  "event.dataset": "tandem.request",
  "trace.id": "0af7651916cd43dd8448eb211c80319c",
  "span.id": "00f067aa0ba902b7",
  "http.response.status_code": 503,
  "user.id": 'de"mo\\x',
  "tandem.route": "orders",
  "tandem.flags": ["UF", "URX"],
  "error.code": "upstream.refused",
  "user_agent.original": "curl",
};

test("a line arrives whole, with what it is searched by beside it", async (t) => {
  const text = JSON.stringify(request);
  const [log] = await sent(t, [text]);
  assert.ok(log);
  const { observedNanos, ...told } = log;
  assert.deepEqual(told, {
    resource: { "service.name": "routing-gateway", "service.instance.id": "one", "service.version": "1.2.3" },
    scope: "tandem",
    nanos: BigInt(Date.parse(request["@timestamp"])) * 1_000_000n,
    severity: 17,
    severityText: "error",
    body: text,
    attributes: {
      "event.dataset": "tandem.request",
      "http.response.status_code": 503,
      "user.id": 'de"mo\\x',
      "tandem.route": "orders",
      "tandem.flags": "UF,URX",
      "error.code": "upstream.refused",
    },
    traceId: request["trace.id"],
    spanId: request["span.id"],
  });
  assert.ok(Math.abs(Number(observedNanos / 1_000_000n) - Date.now()) < 60_000);
});

test("what lasted long is as old as its end: a central log takes nothing that is hours behind the rest", async (t) => {
  const lasted = { ...request, "event.duration": 7_200_000_000_000 };
  const [log] = await sent(t, [JSON.stringify(lasted)]);
  assert.equal(log?.nanos, BigInt(Date.parse("2026-01-02T05:04:05.678Z")) * 1_000_000n);
});

const flawed = [
  { name: "text that is no JSON", line: "not { json" },
  { name: "JSON that is no object", line: "[1]" },
  { name: "JSON that is null", line: "null" },
  { name: "a time that is none", line: '{"@timestamp":"yesterday"}' },
  { name: "a time that is a number", line: '{"@timestamp":120205}' },
  { name: "a time before time", line: '{"@timestamp":"0001-01-01T00:00:00Z"}' },
  { name: "a level that does not exist", line: '{"log.level":"loud"}' },
  { name: "a trace id of wrong form", line: '{"trace.id":"xyz","span.id":"00f067aa0ba902b7"}' },
  { name: "a trace id of zeros", line: `{"trace.id":"${"0".repeat(32)}","span.id":"00f067aa0ba902b7"}` },
  { name: "fields of other kinds than expected", line: '{"user.id":{"a":1},"tandem.route":null,"tandem.flags":[]}' },
];
for (const { name, line } of flawed) {
  test(`${name} is exported all the same`, async (t) => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const [log] = await sent(t, [line]);
    assert.ok(log);
    assert.equal(log.body, line);
    assert.deepEqual([log.traceId, log.spanId, log.severity, log.attributes], ["", "", 0, {}]);
    assert.ok(log.nanos >= before && log.nanos < before + 60_000_000_000n, String(log.nanos));
  });
}

test("a trace id without a span id is kept", async (t) => {
  const [log] = await sent(t, [JSON.stringify({ "trace.id": request["trace.id"], "span.id": "0" })]);
  assert.deepEqual([log?.traceId, log?.spanId], [request["trace.id"], ""]);
});

for (const { given, path } of [
  { given: "", path: "/v1/logs" },
  { given: "/", path: "/v1/logs" },
  { given: "/v1/logs", path: "/v1/logs" },
  { given: "/v1/logs/", path: "/v1/logs" },
  { given: "/otlp", path: "/otlp/v1/logs" },
  { given: "/otlp/", path: "/otlp/v1/logs" },
]) {
  test(`an address with the path "${given}" means ${path}`, async (t) => {
    const { exporter, logger } = exporterTo(t, `http://127.0.0.1:1${given}`, { timeout: 50 });
    exporter.export(["{}"]);
    await until("it has failed", () => logger.lines.length === 1);
    assert.equal(logger.lines[0]?.fields["url"], `http://127.0.0.1:1${path}`);
  });
}

test("the room for lines is counted in characters", async (t) => {
  const collector = await receiver(t);
  collector.behave("silent");
  const { exporter, logger } = exporterTo(t, collector.url, { queue: 1000, timeout: 200 });
  exporter.export(["x".repeat(600)]);
  exporter.export(["y".repeat(600)]);
  exporter.export(["z".repeat(300)]);
  assert.equal(exporter.dropped, 1);
  assert.match(logger.lines[0]?.message ?? "", /slower than the traffic, log lines are dropped/);
  collector.behave(200);
  await until("the others are exported", () => exporter.exported + exporter.dropped === 3);
  exporter.export(["a".repeat(900)]);
  await until("there is room again", () => collector.logs.some(({ body }) => String(body).startsWith("a")));
});
