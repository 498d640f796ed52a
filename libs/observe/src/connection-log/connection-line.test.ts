import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionEnds, isFailedEnd } from "@tandem/contracts/connection-ends";
import type { ClosedConnection, ConnectionEvent } from "@tandem/kernel/listener/connection-event";
import { logLine } from "../log-schema/log-schema.ts";
import { createConnectionLine } from "./connection-line.ts";
import { closed, thumbprint } from "./testing.ts";

const hash = Buffer.from(thumbprint, "base64url").toString("hex");

const lineOf = createConnectionLine({ tier: "security", service: "security-gateway", instance: "one" });
/** Every line is one that the published schema knows. */
const read = (event: ConnectionEvent): any => {
  const line = JSON.parse(lineOf(event));
  assert.deepEqual(logLine.safeParse(line).error?.issues ?? [], []);
  return line;
};

test("a line says all there is to say of a connection, in types", () => {
  assert.deepEqual(read(closed()), {
    "@timestamp": "2023-11-14T22:13:20.123Z",
    "log.level": "info",
    message: "connection of 203.0.113.9 ended, 3 requests in 1.5 s: client-closed",
    "ecs.version": "8.17",
    "event.dataset": "tandem.connection",
    "service.name": "security-gateway",
    "service.node.name": "one",
    "tandem.tier": "security",
    "event.action": "connection-closed",
    "event.outcome": "success",
    "event.reason": "client-closed",
    "event.duration": 1_500_250_000,
    "client.address": "203.0.113.9",
    "client.port": 40_000,
    "source.ip": "192.0.2.1",
    "source.port": 1234,
    "source.bytes": 1800,
    "destination.bytes": 2700,
    "network.protocol": "http",
    "http.version": "2",
    "tls.established": true,
    "tls.version": "1.3",
    "tls.version_protocol": "tls",
    "tls.cipher": "TLS_AES_128_GCM_SHA256",
    "tls.next_protocol": "h2",
    "tls.resumed": false,
    "tls.client.server_name": "api.example.test",
    "tls.client.x509.subject.common_name": ["tier"],
    "tls.client.x509.issuer.common_name": ["tests"],
    "tls.client.x509.serial_number": "0A",
    "tls.client.hash.sha256": hash.toUpperCase(),
    "tls.client.not_before": "2023-11-14T22:13:20.000Z",
    "tls.client.not_after": "2023-11-15T22:13:20.000Z",
    "tandem.connection.thumbprint": thumbprint,
    "tandem.connection.verified": true,
    "tandem.connection.id": "abcd-1",
    "tandem.connection.requests": 3,
    "tandem.connection.upgraded": false,
    "tandem.connection.proxy": "client",
  });
});

test("a handshake that failed says why, in our word and in that of OpenSSL, and nothing that there was not", () => {
  const line = read(
    closed({
      end: "handshake-failed",
      detail: "ERR_SSL_NO_SHARED_CIPHER",
      tls: { established: false, failure: "no-shared-cipher", version: "TLSv1.2" },
      protocol: "none",
      proxied: undefined,
      requests: 0,
    }),
  );
  assert.equal(line.message, "connection of 192.0.2.1 refused: no-shared-cipher");
  assert.deepEqual(
    [line["event.action"], line["event.outcome"], line["event.reason"], line["error.code"]],
    ["connection-refused", "failure", "handshake-failed", "ERR_SSL_NO_SHARED_CIPHER"],
  );
  assert.deepEqual(
    [line["tls.established"], line["tandem.connection.handshake"], line["tls.version"], line["client.address"]],
    [false, "no-shared-cipher", "1.2", "192.0.2.1"],
  );
  for (const name of ["tls.cipher", "network.protocol", "http.version", "tandem.connection.proxy"])
    assert.ok(!(name in line), name);
});

test("every reason is told by its word, and as what it is", () => {
  for (const end of Object.keys(connectionEnds) as ClosedConnection["end"][]) {
    const line = read(closed({ end }));
    assert.deepEqual([line["event.reason"], line["event.outcome"]], [end, isFailedEnd(end) ? "failure" : "success"]);
  }
});

const hostile = [
  'a","event.reason":"drain',
  'a\r\n{"event.dataset":"tandem.request"}',
  "a\u202egnp.exe\u2066",
  "\u0000\u001b[2J\u2028\u0085",
  "x".repeat(10_240),
  `${"x".repeat(255)}\u{1f600}`,
];
for (const name of hostile)
  test(`a name of a stranger stays a name, on one line and short: ${JSON.stringify(name.slice(0, 24))}`, () => {
    const tls = closed().tls!;
    const says = { ...tls.certificate!.says };
    const names = { ...says.names!, subject: { CN: Array.from({ length: 50 }, () => name), O: [], OU: [] } };
    const certificate = { ...tls.certificate!, says: { ...says, names } };
    const line = lineOf(closed({ tls: { ...tls, sni: name, certificate } }));
    assert.ok(line.length < 4096, String(line.length));
    assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    const told = JSON.parse(line);
    assert.equal(told["event.dataset"], "tandem.connection");
    assert.equal(told["event.reason"], "client-closed");
    assert.ok(name.startsWith(told["tls.client.server_name"].slice(0, 200)));
    assert.equal(told["tls.client.x509.subject.common_name"].length, 4);
  });

test("a certificate that can be read in two ways is told by its thumbprint alone, and one with odd times without them", () => {
  const tls = closed().tls!;
  const says = { names: undefined, serial: "0A", notBefore: Number.NaN, notAfter: Number.NaN };
  const line = read(closed({ tls: { ...tls, certificate: { verified: false, thumbprint, says } } }));
  assert.equal(line["tls.client.hash.sha256"], hash.toUpperCase());
  for (const name of ["tls.client.x509.subject.common_name", "tls.client.not_after"]) assert.ok(!(name in line), name);
});

test("connections beyond the limit are one line with their number", () => {
  const line = read({ kind: "dropped", endedAt: 1_700_000_000_123, count: 7 });
  assert.deepEqual(
    [line["log.level"], line["event.action"], line["tandem.connection.dropped"]],
    ["warn", "connections-dropped", 7],
  );
});
