import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Histogram } from "@tandem/platform/telemetry/histogram";
import type { Point } from "@tandem/platform/telemetry/summed-metrics";
import { RequestRecord } from "@tandem/kernel/record";
import { answeredRecord, deniedRecord } from "../testing.ts";
import { scraped } from "./testing.ts";
import { createRequestMetrics, type RequestMetrics } from "./request-metrics.ts";

const scrape = async (t: TestContext, metrics: RequestMetrics): Promise<string> =>
  (await scraped(t, (meters) => meters.add(metrics.summed))).text;

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
    'tandem_requests_total{tier="routing",route="orders-read",service="orders",status="200"} 2',
    'tandem_requests_total{tier="routing",route="orders-read",service="orders",status="403"} 1',
    'tandem_requests_by_method_total{tier="routing",method="GET",class="2xx"} 2',
    'tandem_requests_by_method_total{tier="routing",method="GET",class="4xx"} 1',
    'tandem_request_bytes_total{tier="routing",service="orders"} 0',
    'tandem_response_bytes_total{tier="routing",service="orders"} 3072',
    'tandem_request_own_seconds_count{tier="routing"} 3',
    'tandem_request_duration_seconds_count{tier="routing",route="orders-read",service="orders",class="2xx"} 2',
    'tandem_request_duration_seconds_sum{tier="routing",route="orders-read",service="orders",class="2xx"} 0.025',
    'tandem_request_duration_seconds_bucket{tier="routing",route="orders-read",service="orders",class="2xx",le="0.01"} 0',
    'tandem_request_duration_seconds_bucket{tier="routing",route="orders-read",service="orders",class="2xx",le="0.025"} 2',
    'tandem_request_duration_seconds_bucket{tier="routing",route="orders-read",service="orders",class="2xx",le="+Inf"} 2',
    'tandem_attempts_total{tier="routing",service="orders",reason="first",outcome="refused"} 2',
    'tandem_attempts_total{tier="routing",service="orders",reason="first",outcome="answered"} 2',
    'tandem_attempt_wait_seconds_count{tier="routing",service="orders"} 2',
    'tandem_attempt_wait_seconds_bucket{tier="routing",service="orders",le="0.01"} 2',
    'tandem_problems_total{tier="routing",service="orders",code="access.denied"} 1',
    'tandem_requests_in_flight{tier="routing"} 1',
  ])
    assert.ok(lines.has(line), `${line}\n--- is not in\n${text}`);
  assert.doesNotMatch(text, /description missing|NaN/);
});

test("whatever clients and upstreams invent, the labels stay few", async (t) => {
  const metrics = createRequestMetrics({ tier: "security" });
  for (let index = 0; index < 5000; index++) {
    const record = answeredRecord({ method: `X-${index}`, path: `/${index}`, status: index, route: undefined });
    metrics.observe(record);
  }
  const text = await scrape(t, metrics);
  assert.match(text, /^tandem_requests_total\{tier="security",service="orders",status="other"\} 4499$/m);
  assert.match(text, /^tandem_requests_total\{tier="security",service="orders",status="none"\} 1$/m);
  assert.match(text, /^tandem_requests_by_method_total\{tier="security",method="other",class="5xx"\} 100$/m);
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
  assert.match(text, /^tandem_requests_total\{tier="routing",route="other",service="other",status="200"\} 90$/m);
});

test("what the parser refused is counted and was never in flight", async () => {
  const metrics = createRequestMetrics({ tier: "security" });
  metrics.observe(Object.assign(new RequestRecord(), { status: 400, error: "request.malformed" }));
  assert.equal(metrics.inFlight, 0);
  assert.deepEqual(await readAll(metrics, "tandem_requests"), [
    { labels: { tier: "security", route: "", service: "", status: "400" }, value: 1 },
  ]);
});

test("an open WebSocket is counted and not timed", async () => {
  const metrics = createRequestMetrics({ tier: "routing" });
  metrics.observe(answeredRecord({ status: 101, upgrade: "websocket", duration: 3_600_000 }));
  const [durations] = await readAll(metrics, "tandem_request_duration_seconds");
  const times = durations?.value as Histogram | undefined;
  assert.equal(times?.count, 0);
});

test("retries, hedges and what stood against another one are told apart", async () => {
  const metrics = createRequestMetrics({ tier: "routing" });
  const record = answeredRecord();
  record.attempts[1]!.reason = "retry";
  const hedged = answeredRecord();
  Object.assign(hedged.attempts[1]!, { reason: "hedge", withheld: "budget" });
  for (const one of [record, hedged]) metrics.observe(one);
  const found = (await readAll(metrics, "tandem_attempts")).map(({ labels, value }) => [labels["reason"], value]);
  assert.deepEqual(found, [
    ["first", 2],
    ["retry", 1],
    ["hedge", 1],
  ]);
  assert.deepEqual(await readAll(metrics, "tandem_retries_withheld"), [
    { labels: { tier: "routing", service: "orders", reason: "budget" }, value: 1 },
  ]);
});

/** The series of one metric. */
async function readAll(metrics: RequestMetrics, name: string): Promise<readonly Point<unknown>[]> {
  const metric = metrics.summed.find((one) => one.name === name);
  return [...((await metric?.points()) ?? [])];
}

test("ten thousand routes are told apart, and twice as many weigh no more than the bound", async (t) => {
  const metrics = createRequestMetrics({ tier: "routing" });
  const observeAll = (from: number, to: number): void => {
    for (let index = from; index < to; index++)
      for (const status of [200, 503]) metrics.observe(answeredRecord({ route: `route-${index}`, status }));
  };
  observeAll(0, 10_000);
  const told = await readAll(metrics, "tandem_requests");
  assert.equal(told.length, 20_000);
  assert.ok(told.every(({ labels, value }) => labels["route"] !== "other" && value === 1));

  observeAll(10_000, 20_000);
  const rest = (await readAll(metrics, "tandem_requests")).slice(20_000);
  assert.deepEqual(
    rest.map(({ labels: { route, status }, value }) => [route, status, value]),
    [
      ["other", "200", 10_000],
      ["other", "503", 10_000],
    ],
    "errors are still told from successes",
  );
  const text = await scrape(t, metrics);
  const series = text.split("\n").filter((line) => !line.startsWith("#")).length;
  assert.ok(series < 45_000, `${series} series`);
  assert.ok(text.length < 6_000_000, `${text.length} bytes`);
});
