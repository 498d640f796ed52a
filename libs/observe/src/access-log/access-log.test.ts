import assert from "node:assert/strict";
import { test } from "node:test";
import type { RequestRecord } from "@tandem/kernel/record";
import { createIds } from "@tandem/platform/random";
import { requestLine } from "../log-schema/request-line.ts";
import { createRecentRequests } from "../requests/recent-requests.ts";
import { answeredRecord, deniedRecord } from "../testing.ts";
import { createAccessLog } from "./access-log.ts";
import { flagsOf } from "../outcome/response-flags.ts";

const ids = createIds();

/** A log of such a share of successes, and what it wrote. */
function logOf(successes: number, keep = 0) {
  const lines: any[] = [];
  const recent = createRecentRequests({ keep });
  const origin = { tier: "routing", service: "routing-gateway", instance: "one" };
  const log = createAccessLog({
    origin,
    lines: { line: (text) => void lines.push(JSON.parse(text)) },
    successes,
    recent,
  });
  return { log, lines, recent, observe: (record: RequestRecord) => log.observe(withFlags(record)) };
}

const withFlags = (record: RequestRecord): RequestRecord => Object.assign(record, { flags: flagsOf(record) });

/** One that went well, in a trace of its own. */
function success(more: Partial<RequestRecord> = {}): RequestRecord {
  const record = answeredRecord(more);
  record.attempts.shift();
  record.trace = { ...record.trace!, traceId: ids.traceId() };
  return record;
}

test("each request is one line", () => {
  const { lines, observe } = logOf(1);
  observe(success());
  observe(deniedRecord());
  assert.deepEqual(
    lines.map((line) => [line["http.response.status_code"], line["tandem.sample_rate"]]),
    [
      [200, undefined],
      [403, undefined],
    ],
  );
});

test("of successes a share is written, which says how large it is, and the rest is counted", async () => {
  const { log, lines, observe } = logOf(0.25);
  for (let round = 0; round < 4000; round++) observe(success());
  assert.ok(Math.abs(lines.length / 4000 - 0.25) < 0.05, String(lines.length));
  assert.equal(log.sampledOut, 4000 - lines.length);
  for (const line of lines) assert.equal(requestLine.parse(line)["tandem.sample_rate"], 0.25);
  const [metric] = log.summed;
  assert.deepEqual(metric?.kind === "counter" && [...(await metric.points())], [
    { labels: { tier: "routing" }, value: log.sampledOut },
  ]);
});

test("both tiers write the same requests", () => {
  const [one, other] = [logOf(0.5), logOf(0.5)];
  for (let round = 0; round < 500; round++) {
    const record = success();
    one.observe(record);
    other.observe(record);
  }
  assert.ok(one.lines.length > 0 && one.lines.length < 500);
  assert.deepEqual(one.lines, other.lines);
});

const remarkable: { name: string; record: RequestRecord }[] = [
  { name: "a denial", record: deniedRecord() },
  { name: "an answer of 404", record: success({ status: 404 }) },
  { name: "a failure", record: success({ status: 500 }) },
  { name: "one whose client left", record: success({ ending: "client-left" }) },
  { name: "one broken off", record: success({ ending: "broken-off" }) },
  { name: "one that was saved by a retry", record: answeredRecord() },
];
for (const { name, record } of remarkable)
  test(`${name} is written though no success is`, () => {
    const { log, lines, observe } = logOf(0);
    observe(success());
    observe(record);
    assert.deepEqual([lines.length, lines[0]["tandem.sample_rate"], log.sampledOut], [1, undefined, 1]);
  });

test("a slow one is written though no success is", () => {
  const { log, lines } = logOf(0);
  const record = success({ duration: 2000 });
  record.flags = flagsOf(record, 1000);
  log.observe(record);
  assert.deepEqual(lines[0]["tandem.flags"], ["slow"]);
});

test("what is left out is among the latest requests", () => {
  const { lines, recent, observe } = logOf(0, 10);
  const record = success();
  observe(record);
  assert.deepEqual([lines.length, recent.latest(5).length], [0, 1]);
  const { traceId } = record.trace!;
  assert.deepEqual(
    recent.get(traceId).map((line) => line["trace.id"]),
    [traceId],
  );
});
