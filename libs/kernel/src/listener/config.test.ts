import assert from "node:assert/strict";
import { test } from "node:test";
import { clearTextBeyondLoopback, clientCertificateOf, hostOf, listenSchema } from "./config.ts";

const schema = listenSchema({ port: 8443 });
const tls = { certificate: "server.crt", key: "server.key" };

test("an empty section listens in clear text on loopback alone", () => {
  const listen = schema.parse(undefined);
  assert.equal(listen.port, 8443);
  assert.equal(hostOf(listen), "127.0.0.1");
  assert.deepEqual(listen.limits, {
    head: 16_384,
    headers: 100,
    headTimeout: 10_000,
    requestTimeout: 300_000,
    idleTimeout: 300_000,
    keepAlive: 75_000,
    connections: 10_000,
    requestsPerConnection: 10_000,
    streams: 100,
    resets: 200,
  });
});

test("with TLS every address is listened on, unless one is named", () => {
  assert.equal(hostOf(schema.parse({ tls })), undefined);
  assert.equal(hostOf(schema.parse({ tls, host: "192.0.2.1" })), "192.0.2.1");
});

test("a tier sets its own port and sizes", () => {
  const listen = listenSchema({ port: 8081, head: "32KiB", headers: 150 }).parse({ limits: { headTimeout: "3s" } });
  assert.deepEqual([listen.port, listen.limits.head, listen.limits.headers], [8081, 32_768, 150]);
  assert.equal(listen.limits.headTimeout, 3000);
});

test("a client CA makes client certificates required", () => {
  assert.equal(clientCertificateOf({}), "none");
  assert.equal(clientCertificateOf({ clientCa: "ca.crt" }), "required");
  assert.equal(clientCertificateOf({ clientCa: "ca.crt", clientCertificate: "optional" }), "optional");
});

for (const { name, given, says } of [
  { name: "an unknown key", given: { prot: 1 }, says: /prot/ },
  { name: "an unknown limit", given: { limits: { heads: "1KiB" } }, says: /heads/ },
  { name: "a size without unit", given: { limits: { head: 16_384 } }, says: /string/ },
  { name: "a head of a few bytes", given: { limits: { head: "10B" } }, says: /10B/ },
  { name: "a request timeout below the head's", given: { limits: { requestTimeout: "1s" } }, says: /shorter/ },
  { name: "a certificate without key", given: { tls: { certificate: "a" } }, says: /key/ },
  {
    name: "asking for certificates without a CA",
    given: { tls: { ...tls, clientCertificate: "required" } },
    says: /clientCa/,
  },
  {
    name: "a CA that is not used",
    given: { tls: { ...tls, clientCa: "ca", clientCertificate: "none" } },
    says: /no use/,
  },
  { name: "PROXY from nobody", given: { proxyProtocol: { from: [] } }, says: /no balancer/ },
  { name: "PROXY from a name", given: { proxyProtocol: { from: ["balancer"] } }, says: /network/ },
  { name: "PROXY from an impossible network", given: { proxyProtocol: { from: ["10.0.0.0/64"] } }, says: /network/ },
])
  test(`${name} is refused`, () => {
    const { success, error } = schema.safeParse(given);
    assert.equal(success, false);
    assert.match(error?.message ?? "", says);
  });

for (const { name, given, says } of [
  { name: "clear text on loopback", given: {}, says: undefined },
  { name: "clear text on IPv6 loopback", given: { host: "::1" }, says: undefined },
  { name: "clear text on every address", given: { host: "0.0.0.0" }, says: /0\.0\.0\.0.*clear text/ },
  { name: "TLS without client certificates", given: { tls }, says: /every address.*no certificate/ },
  {
    name: "optional certificates",
    given: { tls: { ...tls, clientCa: "ca", clientCertificate: "optional" } },
    says: /no certificate/,
  },
  { name: "mutual TLS on every address", given: { tls: { ...tls, clientCa: "ca" } }, says: undefined },
])
  test(`${name} is ${says ? "no way" : "a way"} to listen between the tiers`, () => {
    const message = clearTextBeyondLoopback(schema.parse(given));
    if (says) assert.match(message ?? "", says);
    else assert.equal(message, undefined);
  });
