import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { headOf } from "./head.ts";

const span = "00000000000000aa";
const traceId = "0af7651916cd43dd8448eb211c80319c";

test("what the client sent goes on, with the edits of the stages", () => {
  const { exchange } = exchangeOf({
    rawHeaders: ["Host", "a.test:8443", "Accept", "*/*", "Cookie", "a=1", "Cookie", "b=2"],
  });
  exchange.outgoing.set("tandem-assertion", "vouched");
  exchange.outgoing.drop("accept");
  assert.deepEqual(headOf(exchange, span), [
    "host",
    "a.test:8443",
    "cookie",
    "a=1",
    "cookie",
    "b=2",
    "tandem-assertion",
    "vouched",
  ]);
});

test("a request without a Host header names the host all the same", () => {
  const { exchange } = exchangeOf({ host: "a.test" });
  assert.deepEqual(headOf(exchange, span), ["host", "a.test"]);
});

test("what belongs to the connection goes no further", () => {
  const rawHeaders = [];
  for (const name of [
    "Connection",
    "Expect",
    "Keep-Alive",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
  ])
    rawHeaders.push(name, "x");
  const { exchange } = exchangeOf({ rawHeaders });
  assert.deepEqual(headOf(exchange, span), ["host", "example.test"]);
});

const lengths: { name: string; length: string; body: boolean; kept: boolean }[] = [
  { name: "the length of a body is told", length: "5", body: true, kept: true },
  { name: "an empty body may say so", length: "0", body: false, kept: true },
  { name: "a length without a body is not told", length: "5", body: false, kept: false },
];

for (const { name, length, body, kept } of lengths)
  test(name, () => {
    const { exchange } = exchangeOf({
      rawHeaders: ["content-length", length],
      body: body ? Readable.from(["hello"]) : undefined,
    });
    assert.equal(headOf(exchange, span).includes("content-length"), kept);
  });

test("the trace goes on with the attempt as its parent, and nothing that the client said of it", () => {
  const { exchange } = exchangeOf({ rawHeaders: ["traceparent", "forged", "tracestate", "forged=1"] });
  exchange.record.trace = { traceId, spanId: "b".repeat(16), sampled: true, random: true, state: "a=1" };
  assert.deepEqual(headOf(exchange, span), [
    "host",
    "example.test",
    "traceparent",
    `00-${traceId}-${span}-03`,
    "tracestate",
    "a=1",
  ]);
});

test("without a trace of our own there is none", () => {
  const { exchange } = exchangeOf({ rawHeaders: ["traceparent", "forged"] });
  assert.ok(!headOf(exchange, span).includes("traceparent"));
});

for (const { left, told } of [
  { left: 1_999.6, told: ["tandem-timeout-ms", "2000"] },
  { left: -3, told: ["tandem-timeout-ms", "1"] },
  { left: Infinity, told: [] },
])
  test(`with ${left} ms left, what is told of it is ${told[1] ?? "nothing"}`, () => {
    assert.deepEqual(headOf(exchangeOf({ host: "a.test" }).exchange, span, left), ["host", "a.test", ...told]);
  });
