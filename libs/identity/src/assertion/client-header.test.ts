import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import type { Peer } from "@tandem/kernel/peer";
import { readClient, writeClient } from "./client-header.ts";

const tls = { version: "TLSv1.3", cipher: "c", alpn: "h2", sni: "shop.test" };
const written = (peer: Peer, protocol: "1.1" | "2" = "2"): string =>
  writeClient(exchangeOf({ peer, protocol }).exchange.request);

test("the header is a dictionary of structured fields", () => {
  assert.equal(
    written({ address: "203.0.113.7", port: 1, tls }),
    'address="203.0.113.7", protocol="2", scheme=https, tls="TLSv1.3", sni="shop.test"',
  );
});

const ways: { name: string; peer: Peer; expected: object }[] = [
  {
    name: "IPv4 over TLS",
    peer: { address: "203.0.113.7", port: 1, tls },
    expected: { address: "203.0.113.7", scheme: "https", sni: "shop.test" },
  },
  {
    name: "IPv6 in the clear",
    peer: { address: "2001:db8::1", port: 1 },
    expected: { address: "2001:db8::1", scheme: "http" },
  },
  { name: "an address with a zone", peer: { address: "fe80::1%eth0", port: 1 }, expected: { address: "fe80::1%eth0" } },
];
for (const { name, peer, expected } of ways)
  test(`${name} is read as it was written`, () => assert.partialDeepStrictEqual(readClient(written(peer)), expected));

test("a decision about the trace that is settled is told, in the clear and over TLS", () => {
  for (const peer of [
    { address: "203.0.113.7", port: 1 },
    { address: "203.0.113.7", port: 1, tls },
  ]) {
    const { request } = exchangeOf({ peer }).exchange;
    assert.equal(readClient(writeClient(request, { traceDecided: true })).trace, "decided");
    assert.equal(readClient(writeClient(request)).trace, undefined);
  }
});

test("nobody settles it by other words", () => {
  assert.equal(readClient('address="203.0.113.7", scheme=http, trace=kept').trace, undefined);
});

for (const sni of ['a", scheme=http, x="', "a\r\nb", "", "ä.test", "a".repeat(254)])
  test(`the server name ${JSON.stringify(sni.slice(0, 20))} is left out`, () =>
    assert.doesNotMatch(written({ address: "203.0.113.7", port: 1, tls: { ...tls, sni } }), /sni/));

test("members that only a newer security tier writes are left alone", () => {
  const facts = readClient('address="203.0.113.7", ja4="t13d", scheme=https, mood=good');
  assert.deepEqual(facts, { address: "203.0.113.7", scheme: "https" });
});

const refused: { text: string; saying: RegExp }[] = [
  { text: "", saying: /no address/ },
  { text: "scheme=https", saying: /no address/ },
  { text: 'address="localhost", scheme=https', saying: /no address/ },
  { text: 'address="203.0.113.7, 10.0.0.1", scheme=https', saying: /no address/ },
  { text: 'address="203.0.113.7"', saying: /no scheme/ },
  { text: 'address="203.0.113.7", scheme=ftp', saying: /no scheme/ },
  { text: 'address="203.0.113.7", address="10.0.0.1", scheme=https', saying: /twice/ },
  { text: 'address="203.0.113.7" scheme=https', saying: /dictionary/ },
  { text: 'address="203.0.113.7", scheme=https,', saying: /dictionary/ },
  { text: 'address="203.0.113.7", , scheme=https', saying: /dictionary/ },
  { text: ' address="203.0.113.7", scheme=https', saying: /dictionary/ },
  { text: 'address="203.0.113.7', saying: /dictionary/ },
  { text: 'address="203\\.0.113.7", scheme=https', saying: /dictionary/ },
  { text: 'Address="203.0.113.7", scheme=https', saying: /dictionary/ },
  { text: "address=203.0.113.7, scheme=https", saying: /dictionary/ },
  { text: "address", saying: /dictionary/ },
  { text: `address="203.0.113.7", scheme=https, x="${"a".repeat(1024)}"`, saying: /too long/ },
];
for (const { text, saying } of refused)
  test(`${JSON.stringify(text.slice(0, 60))} is refused`, () =>
    assert.throws(() => readClient(text), { code: "request.header", message: saying }));
