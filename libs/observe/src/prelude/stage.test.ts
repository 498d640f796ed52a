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
