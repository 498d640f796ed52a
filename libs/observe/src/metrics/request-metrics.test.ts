import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createServer } from "node:http";
import { createMeters } from "@tandem/platform/telemetry/meters";
import { RequestRecord } from "@tandem/kernel/record";
import { answeredRecord, deniedRecord } from "../testing.ts";
import { watchProcess } from "./process-metrics.ts";
import { createRequestMetrics, type RequestMetrics } from "./request-metrics.ts";

async function scrape(t: TestContext, metrics: RequestMetrics): Promise<string> {
  const meters = createMeters({ service: "tandem", instance: "one", summed: metrics.summed });
  const unwatch = watchProcess(meters.meter, {
    version: "1.2.3",
    tier: "routing",
    inFlight: () => metrics.inFlight,
    spansDropped: () => 3,
    spansExported: () => 4,
    logLinesDropped: () => 5,
  });
  const server = createServer((request, response) => meters.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    unwatch();
    server.close();
    await meters.shutdown();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  return (await fetch(`http://127.0.0.1:${address.port}/metrics`)).text();
}

test("what policies in shadow would have decided is counted by policy and rule", async (t) => {
  const metrics = createRequestMetrics({ tier: "routing" });
  const shadows = [{ policy: "guard", rule: "no", effect: "deny" as const }];
  const decision = { effect: "allow" as const, rule: "anyone", reason: "open", shadows };
  for (const record of [answeredRecord({ decision }), answeredRecord({ decision }), answeredRecord()])
    metrics.observe(record);
  const line = 'tandem_shadow_decisions_total{tier="routing",policy="guard",rule="no",effect="deny"} 2';
  assert.ok((await scrape(t, metrics)).split("\n").includes(line));
});

test("a scrape counts requests, attempts and problems", async (t) => {
  const metrics = createRequestMetrics({ tier: "routing" });
  for (const record of [answeredRecord(), answeredRecord(), deniedRecord()]) {
    metrics.begin();
    metrics.observe(record);
  }
  metrics.begin();
  const text = await scrape(t, metrics);
  const lines = new Set(text.split("\n"));
  for (const line of [
    'tandem_requests_total{tier="routing",route="orders-read",method="GET",status="200"} 2',
    'tandem_requests_total{tier="routing",route="orders-read",method="GET",status="403"} 1',
    'tandem_request_duration_seconds_count{tier="routing",route="orders-read",class="2xx"} 2',
    'tandem_request_duration_seconds_sum{tier="routing",route="orders-read",class="2xx"} 0.025',
    'tandem_request_duration_seconds_bucket{tier="routing",route="orders-read",class="2xx",le="0.01"} 0',
    'tandem_request_duration_seconds_bucket{tier="routing",route="orders-read",class="2xx",le="0.025"} 2',
    'tandem_request_duration_seconds_bucket{tier="routing",route="orders-read",class="2xx",le="+Inf"} 2',
    'tandem_attempts_total{tier="routing",service="orders",outcome="refused"} 2',
    'tandem_attempts_total{tier="routing",service="orders",outcome="answered"} 2',
    'tandem_problems_total{tier="routing",code="access.denied"} 1',
    'tandem_requests_in_flight{tier="routing"} 1',
    'tandem_spans_dropped_total{tier="routing"} 3',
    'tandem_spans_exported_total{tier="routing"} 4',
    'tandem_log_lines_dropped_total{tier="routing"} 5',
    `tandem_build_info{tier="routing",version="1.2.3",node="${process.versions.node}"} 1`,
  ])
    assert.ok(lines.has(line), `${line}\n--- is not in\n${text}`);
  assert.match(text, /^process_resident_memory_bytes\{tier="routing"\} \d{7,}$/m);
  assert.match(text, /^nodejs_eventloop_lag_seconds\{tier="routing",quantile="0.99"\} [\d.e-]+$/m);
  assert.doesNotMatch(text, /description missing|NaN/);
});

test("whatever clients and upstreams invent, the labels stay few", async (t) => {
  const metrics = createRequestMetrics({ tier: "security" });
  for (let index = 0; index < 5000; index++) {
    const record = answeredRecord({ method: `X-${index}`, path: `/${index}`, status: index, route: undefined });
    metrics.observe(record);
  }
  const text = await scrape(t, metrics);
  assert.match(text, /^tandem_requests_total\{tier="security",method="other",status="other"\} 4499$/m);
  assert.match(text, /^tandem_requests_total\{tier="security",method="other",status="none"\} 1$/m);
  assert.ok(text.split("\n").filter((line) => line.startsWith("tandem_requests_total{")).length <= 502);
});

test("past the limit new combinations are counted together, and none is lost", async (t) => {
  const metrics = createRequestMetrics({ tier: "routing", most: 10 });
  for (let index = 0; index < 100; index++) metrics.observe(answeredRecord({ route: `route-${index}` }));
  const text = await scrape(t, metrics);
  const counts = [...text.matchAll(/^tandem_requests_total\{.*\} (\d+)$/gm)].map(([, count]) => Number(count));
  assert.equal(counts.length, 11);
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    100,
  );
  assert.match(text, /^tandem_requests_total\{tier="routing",route="other",method="other",status="other"\} 90$/m);
});

test("what the parser refused is counted and was never in flight", () => {
  const metrics = createRequestMetrics({ tier: "security" });
  metrics.observe(Object.assign(new RequestRecord(), { status: 400, error: "request.malformed" }));
  assert.equal(metrics.inFlight, 0);
  const [requests] = metrics.summed;
  assert.deepEqual(requests?.points()[0], { labels: { tier: "security", method: "other", status: "400" }, value: 1 });
});

test("an open WebSocket is counted and not timed", () => {
  const metrics = createRequestMetrics({ tier: "routing" });
  metrics.observe(answeredRecord({ status: 101, upgrade: "websocket", duration: 3_600_000 }));
  const durations = metrics.summed.find(({ kind }) => kind === "histogram");
  assert.deepEqual(
    durations
      ?.points()
      .map(({ value }) => value)
      .map((value) => (typeof value === "object" ? value.count : value)),
    [0],
  );
});
