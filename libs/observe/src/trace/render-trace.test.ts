import assert from "node:assert/strict";
import { test } from "node:test";
import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import { answeredRecord, deniedRecord, epoch, traceId } from "../testing.ts";
import { renderTrace } from "./render-trace.ts";
import { spansOfRecord } from "./spans-of-record.ts";

let minted = 0;
const ids = { spanId: () => (++minted).toString(16).padStart(16, "0") };

/** The same request in the security tier, whose one attempt is the parent of the routing tier's span. */
const securityRecord = (more: object = {}) => {
  const record = answeredRecord({
    trace: { traceId, spanId: "dddddddddddddddd", sampled: true, random: true },
    route: undefined,
    decision: undefined,
    duration: 15.5,
    ...more,
  });
  record.attempts.splice(0, 2, {
    target: "routing-gateway",
    instance: "127.0.0.1:8081",
    spanId: "eeeeeeeeeeeeeeee",
    startedAt: 0.5,
    endedAt: 15,
    status: record.status,
    outcome: "answered",
  });
  record.phases.splice(0, 6, "begin", "hygiene", "authenticate", "forward");
  record.phaseTimes.splice(0, 6, 0, 0.1, 0.2, 0.4);
  return record;
};

test("both tiers are one tree", () => {
  const parts = [
    { service: "routing-gateway", spans: spansOfRecord(answeredRecord(), ids) },
    {
      service: "security-gateway",
      spans: spansOfRecord(Object.assign(securityRecord(), { startedAt: epoch - 2 }), ids),
    },
  ];
  assert.equal(renderTrace(parts), golden);
});
const golden = `trace 0af7651916cd43dd8448eb211c80319c  request abcdefghijklmnopqrstuvwxyz
security-gateway: GET                   +0.00 ms  15.50 ms  200  /orders/7  by demo (demo-app)
├─ authenticate                         +0.20 ms   0.20 ms
└─ → routing-gateway 127.0.0.1:8081     +0.50 ms  14.50 ms  200
   └─ routing-gateway: GET orders-read  +2.00 ms  12.50 ms  200  /orders/7  by demo (demo-app)  allow: scopes
      ├─ acceptAssertion                +2.10 ms   1.15 ms
      ├─ authorize                      +3.30 ms   0.10 ms
      ├─ → orders orders-1              +3.50 ms   1.00 ms  refused
      └─ → orders orders-2              +4.75 ms   9.00 ms  200  resent 1  first byte after 7.50 ms
`;

test("what a caller is named passes for nothing else", () => {
  const principal = {
    subject: "ann  allow: office/admins",
    client: "app",
    scopes: [],
    roles: [],
    method: "jwt" as const,
  };
  const parts = [{ service: "routing-gateway", spans: spansOfRecord(answeredRecord({ principal }), ids) }];
  assert.match(renderTrace(parts), /by "ann {2}allow: office\/admins" \(app\) {2}allow: scopes\n/);
});

test("trouble says what it was", () => {
  const parts = [{ service: "routing-gateway", spans: spansOfRecord(deniedRecord(), ids) }];
  assert.match(
    renderTrace(parts),
    /routing-gateway: GET orders-read .* 403 {2}\/orders\/7 .* deny: scopes {2}access\.denied\n/,
  );
  assert.match(renderTrace(parts), /└─ authorize .* access\.denied\n/);
});

test("a policy in shadow says what it would have decided", () => {
  const shadows = [{ policy: "tokens-only", rule: "no-api-keys", effect: "deny" as const }];
  const record = answeredRecord({ decision: { effect: "allow", rule: "anyone", reason: "open", shadows } });
  const text = renderTrace([{ service: "routing-gateway", spans: spansOfRecord(record, ids) }]);
  assert.match(text, / allow: anyone {2}in shadow: deny tokens-only\/no-api-keys\n/);
});

test("a terminal is told trouble in red and phases in grey", () => {
  const spans = spansOfRecord(answeredRecord(), ids);
  const lines = renderTrace([{ service: "routing-gateway", spans }], { color: true }).split("\n");
  assert.ok(
    lines.some((line) => line.startsWith("\u001b[31m") && line.includes("refused") && line.endsWith("\u001b[0m")),
  );
  assert.ok(lines.some((line) => line.startsWith("\u001b[90m") && line.includes("authorize")));
});

const spanOf = (more: Partial<CompactSpan>): CompactSpan => ({
  traceId,
  spanId: "1",
  flags: 1,
  kind: "server",
  name: "GET",
  startedAt: 0,
  duration: 1,
  attributes: {},
  ...more,
});

test("no spans are no tree", () => assert.equal(renderTrace([{ service: "a", spans: [] }]), "no spans\n"));

test("a span whose parent is unknown is a root of its own", () => {
  const spans = [
    spanOf({ name: "GET one" }),
    spanOf({ spanId: "2", parentSpanId: "9", name: "GET two", startedAt: 5 }),
  ];
  const text = renderTrace([{ service: "a", spans }]);
  assert.match(text, /^a: GET one /m);
  assert.match(text, /^a: GET two /m);
});

test("spans that are each other's parents are shown once and end", () => {
  const spans = [
    spanOf({ spanId: "1", parentSpanId: "2" }),
    spanOf({ spanId: "2", parentSpanId: "1" }),
    spanOf({ spanId: "3", parentSpanId: "3" }),
    spanOf({ spanId: "4", parentSpanId: "1" }),
  ];
  assert.equal(
    renderTrace([{ service: "a", spans }])
      .trim()
      .split("\n").length,
    5,
  );
});

test("the same span told by two processes is shown once", () => {
  const spans = [spanOf({})];
  const parts = [
    { service: "a", spans },
    { service: "a", spans },
  ];
  assert.equal(renderTrace(parts).trim().split("\n").length, 2);
});

test("nothing that a client sent can move the cursor of whoever reads", () => {
  const hostile = "\u001b[2Jx\u009b31m\u202e\n";
  const spans = [spanOf({ name: hostile, failure: hostile, traceId: hostile, attributes: { "url.path": hostile } })];
  // oxlint-disable-next-line no-control-regex -- these are what must not be shown
  assert.doesNotMatch(renderTrace([{ service: hostile, spans }]), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});
