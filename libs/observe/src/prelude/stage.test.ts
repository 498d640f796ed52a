import assert from "node:assert/strict";
import { test } from "node:test";
import type { Peer } from "@tandem/kernel/peer";
import { exchangeOf, rawRequest, request } from "@tandem/kernel/testing";
import { createIds } from "@tandem/platform/random";
import { begin } from "./stage.ts";

const ids = createIds();
const stranger: Peer = { address: "192.0.2.1", port: 40000 };
const loopback: Peer = { address: "127.0.0.1", port: 40000 };
const tls = { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", alpn: "http/1.1" };
const given = "abcdefghijklmnopqrstuvwxyz";
const traceId = "1".repeat(32);
const rawHeaders = ["X-Request-Id", given, "Traceparent", `00-${traceId}-${"2".repeat(16)}-01`, "User-Agent", "curl/8"];

const cases = [
  { name: "a stranger names neither request nor trace", from: "strangers", peer: stranger, takes: false },
  { name: "nor does one on loopback where strangers are served", from: "strangers", peer: loopback, takes: false },
  { name: "the security tier names both over loopback", from: "security-tier", peer: loopback, takes: true },
  { name: "and over IPv6 loopback", from: "security-tier", peer: { address: "::1", port: 1 }, takes: true },
  {
    name: "and with a verified certificate",
    from: "security-tier",
    peer: { ...stranger, tls: { ...tls, certificate: "x" } },
    takes: true,
  },
  { name: "TLS without a certificate is a stranger", from: "security-tier", peer: { ...loopback, tls }, takes: false },
  { name: "clear text from elsewhere is a stranger", from: "security-tier", peer: stranger, takes: false },
  {
    name: "a connection that is gone already is a stranger",
    from: "security-tier",
    peer: { address: "", port: 0 },
    takes: false,
  },
] as const;

for (const { name, from, peer, takes } of cases) {
  test(name, () => {
    const { exchange } = exchangeOf({ peer, rawHeaders, path: "/a?b" });
    void begin({ from, sample: 0, ids }).run(exchange);
    const { record } = exchange;
    assert.equal(record.id === given, takes);
    assert.equal(record.trace?.traceId === traceId, takes);
    assert.equal(record.trace?.link?.traceId === traceId, !takes);
    assert.equal(record.clientRequestId, takes ? undefined : given);
    assert.equal(record.userAgent, "curl/8");
    assert.equal(record.target, "/a?b");
  });
}

test("the answer and the next hop are told the id", async (t) => {
  const { headers, json } = await request(t, [begin({ from: "strangers", sample: 1, ids })], {
    headers: { "x-request-id": given },
  });
  assert.match(json.id, /^[a-z2-7]{26}$/);
  assert.notEqual(json.id, given);
  assert.equal(headers["x-request-id"], json.id);
  const told = json.outgoing.filter((_: string, index: number) => json.outgoing[index - 1] === "x-request-id");
  assert.deepEqual(told, [json.id]);
});

test("who named the request is not told its name", () => {
  for (const [from, told] of [
    ["security-tier", []],
    ["strangers", ["x-request-id"]],
  ] as const) {
    const { exchange } = exchangeOf({ peer: loopback, rawHeaders });
    void begin({ from, sample: 0, ids }).run(exchange);
    assert.deepEqual(
      exchange.reply.added.filter((name) => name === "x-request-id"),
      told,
    );
  }
});

test("a repeated traceparent is no context, whatever its spelling", async (t) => {
  const stage = begin({ from: "security-tier", sample: 0, ids });
  const line = `00-${traceId}-${"2".repeat(16)}-01`;
  let seen: string | undefined;
  const look = {
    name: "look",
    run: ({ record }: Parameters<typeof stage.run>[0]) => void (seen = record.trace?.traceId),
  };
  await rawRequest(
    t,
    [stage, look],
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTraceparent: ${line}\r\ntraceParent: ${line}\r\n\r\n`,
  );
  assert.match(seen ?? "", /^[0-9a-f]{32}$/);
  assert.notEqual(seen, traceId);
});

const sent = (more: string[] = []) => ({
  peer: stranger,
  rawHeaders: [...rawHeaders, "Tracestate", "foo=1", "Baggage", "user=7", ...more],
});
const outside = [
  { trust: "continue", goesOn: true, link: false, baggage: ["baggage", "user=7"] },
  { trust: "restart", goesOn: false, link: true, baggage: [] },
  { trust: "ignore", goesOn: false, link: false, baggage: [] },
] as const;
for (const { trust, goesOn, link, baggage } of outside)
  test(`a stranger whose context says ${trust} is told in which trace it is, and never names its request`, () => {
    const traceContext = { trust, networks: [] };
    const { exchange } = exchangeOf(sent());
    void begin({ from: "strangers", traceContext, sample: 0, ids }).run(exchange);
    const { id, trace } = exchange.record;
    assert.ok(trace);
    assert.notEqual(id, given);
    assert.deepEqual([trace.traceId === traceId, trace.link?.traceId === traceId], [goesOn, link]);
    assert.deepEqual(
      [trace.state, trace.sampled, trace.decided],
      goesOn ? ["foo=1", true, true] : [undefined, false, undefined],
    );
    assert.deepEqual(exchange.outgoing.applyTo([]), ["x-request-id", id, ...baggage]);
    const flags = goesOn ? "01" : "02";
    assert.deepEqual(exchange.reply.added, [
      "x-request-id",
      id,
      "traceresponse",
      `00-${trace.traceId}-${trace.spanId}-${flags}`,
    ]);
  });

test("no header of a stranger makes its request sampled", () => {
  const forcing = [
    ["traceparent", `00-${traceId}-${"2".repeat(16)}-ff`],
    ["tandem-debug", "trace"],
    ["tandem-client", 'address="192.0.2.1", scheme=https, trace=decided'],
    ["traceresponse", `00-${traceId}-${"2".repeat(16)}-01`],
    ["b3", "1"],
    ["x-b3-sampled", "1"],
    ["uber-trace-id", "1:2:0:3"],
    ["x-cloud-trace-context", "1/2;o=1"],
  ];
  for (const trust of ["restart", "ignore"] as const) {
    const { exchange } = exchangeOf({ peer: stranger, rawHeaders: forcing.flat() });
    void begin({ from: "strangers", traceContext: { trust, networks: [] }, sample: 0, ids }).run(exchange);
    assert.equal(exchange.record.trace?.sampled, false);
  }
});

test("baggage of the security tier goes on, that of others at the routing tier does not", () => {
  for (const peer of [loopback, stranger]) {
    const { exchange } = exchangeOf({ ...sent(), peer });
    void begin({ from: "security-tier", sample: 0, ids }).run(exchange);
    assert.equal(exchange.outgoing.applyTo([]).includes("user=7"), peer === loopback);
  }
});
