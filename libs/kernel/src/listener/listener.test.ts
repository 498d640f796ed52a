import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { certificateSaying } from "@tandem/platform/tls/testing";
import { thumbprint } from "@tandem/platform/tls/thumbprint";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { createGateway } from "../gateway.ts";
import { listenSchema } from "./config.ts";
import { createListener } from "./listener.ts";
import { ListenError } from "./listen-error.ts";
import { ask, authority, clientOf, dial, listening, serverMaterial, session } from "./testing.ts";

const get = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
const stranger = issueCertificate(createAuthority("stranger"), { name: "x", usage: "client" });
const expired = certificateSaying(authority, {
  subject: [["CN", "late"]],
  notBefore: new Date(Date.now() - 2 * 86_400_000),
  notAfter: new Date(Date.now() - 86_400_000),
});
const forServers = certificateSaying(authority, { subject: [["CN", "server"]], usage: "server" });
const required = { ...serverMaterial, clients: { ca: authority.certificate, required: true } };
const optional = { ...serverMaterial, clients: { ca: authority.certificate, required: false } };

function listenerOn(port: number, host = "127.0.0.1") {
  return createListener({
    config: listenSchema({ port }).parse({ host }),
    gateway: () => createGateway([]),
    requestId: () => "id",
    logger: silentLogger,
  });
}

for (const { version, alpn, answered } of [
  { version: "TLSv1.3", alpn: "http/1.1", answered: true },
  { version: "TLSv1.2", alpn: "http/1.1", answered: true },
  { version: "TLSv1.2", alpn: undefined, answered: true },
  { version: "TLSv1.1", alpn: "http/1.1", answered: false },
  { version: "TLSv1.3", alpn: "spdy/3", answered: false },
] as const)
  test(`${version} with ${alpn ?? "no ALPN"} is ${answered ? "answered" : "refused"}`, async (t) => {
    const { port, closed, listener } = await listening(t, { tls: serverMaterial });
    const line = dial(t, port, {
      minVersion: version,
      maxVersion: version,
      // An old version needs a client that is willing to stoop to it.
      ...(version === "TLSv1.1" && { ciphers: "DEFAULT@SECLEVEL=0" }),
      ALPNProtocols: alpn ? [alpn] : [],
    });
    line.socket.write(get);
    const text = await line.ended;
    assert.equal(text.startsWith("HTTP/1.1 200"), answered, text);
    assert.deepEqual(
      (await closed(1)).map(({ end }) => end),
      [answered ? "last-answer" : "handshake-failed"],
    );
    assert.equal(listener.stats.handshakes.size, answered ? 0 : 1);
  });

test("a cipher without forward secrecy is refused", async (t) => {
  const { port } = await listening(t, { tls: serverMaterial });
  const line = dial(t, port, { maxVersion: "TLSv1.2", ciphers: "AES128-SHA:AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA" });
  line.socket.write(get);
  assert.match(await line.ended, /^\[.*handshake/);
});

for (const { name, tls, certificate, answered } of [
  { name: "required, a good certificate", tls: required, certificate: clientOf("tier"), answered: true },
  { name: "required, none", tls: required, certificate: undefined, answered: false },
  { name: "required, a stranger's", tls: required, certificate: stranger, answered: false },
  { name: "optional, a good certificate", tls: optional, certificate: clientOf("tier"), answered: true },
  { name: "optional, none", tls: optional, certificate: undefined, answered: true },
  { name: "optional, a stranger's", tls: optional, certificate: stranger, answered: false },
  { name: "optional, an expired one", tls: optional, certificate: expired, answered: false },
  { name: "optional, one that is for servers", tls: optional, certificate: forServers, answered: false },
])
  test(`client certificates ${name}: ${answered ? "answered" : "refused"}`, async (t) => {
    const { port, records, listener, recorded, closed } = await listening(t, { tls });
    const line = dial(t, port, { ...(certificate && { cert: certificate.certificate, key: certificate.key }) });
    line.socket.write(get);
    assert.equal((await line.ended).startsWith("HTTP/1.1 200"), answered);
    if (answered) {
      const [record] = await recorded(1);
      assert.equal(record?.peer?.tls?.certificate !== undefined, certificate !== undefined);
    } else {
      await closed(1);
      assert.deepEqual([records.length, [...listener.stats.handshakes.values()]], [0, [1]]);
    }
  });

test("what a certificate says is known on HTTP/1.1 and on HTTP/2", async (t) => {
  const { port, recorded } = await listening(t, { tls: optional });
  const said = certificateSaying(authority, { subject: [["CN", "a, O=b"]], uri: ["spiffe://acme/a"] });
  const identity = { cert: said.certificate, key: said.key };
  const line = dial(t, port, identity);
  line.socket.write(get);
  await line.ended;
  await ask(session(t, port, identity), { ":path": "/" });
  const [first, second] = (await recorded(2)).map(({ peer }) => peer?.tls?.says);
  const { serialNumber, validFromDate, validToDate } = new X509Certificate(said.certificate);
  assert.deepEqual(first, {
    names: {
      subject: { CN: ["a, O=b"], O: [], OU: [] },
      issuer: { CN: ["listener tests"], O: [], OU: [] },
      alternative: { uri: ["spiffe://acme/a"], dns: [], email: [], ip: [] },
    },
    serial: serialNumber,
    notBefore: validFromDate.getTime(),
    notAfter: validToDate.getTime(),
  });
  assert.deepEqual(second, first);
});

test("a certificate with a name that can be read in two ways says no name, and is bound to all the same", async (t) => {
  const { port, recorded } = await listening(t, { tls: optional });
  const said = certificateSaying(authority, { subject: [["CN", "a"]], dns: ["good.test\0.evil.test"] });
  const line = dial(t, port, { cert: said.certificate, key: said.key });
  line.socket.write(get);
  await line.ended;
  const tls = (await recorded(1))[0]?.peer?.tls;
  assert.equal(tls?.certificate, thumbprint(new X509Certificate(said.certificate).raw));
  assert.ok(tls?.says);
  assert.equal(tls.says.names, undefined);
});

test("a session is not resumed where client certificates count", async (t) => {
  const { port } = await listening(t, { tls: required });
  const { certificate, key } = clientOf("tier");
  let ticket: Buffer | undefined;
  const first = dial(t, port, { cert: certificate, key });
  first.socket.on("session", (given: Buffer) => (ticket = given));
  first.socket.write(get);
  await first.ended;
  const again = dial(t, port, { cert: certificate, key, ...(ticket && { session: ticket }) });
  let reused: boolean | undefined;
  again.socket.once("secureConnect", () => (reused = (again.socket as TLSSocket).isSessionReused()));
  again.socket.write(get);
  assert.match(await again.ended, /^HTTP\/1\.1 200/);
  assert.equal(reused, false);
});

test("a handshake that never ends is given up", async (t) => {
  const { port, closed } = await listening(t, { tls: serverMaterial, listen: { limits: { headTimeout: "100ms" } } });
  const line = dial(t, port);
  line.socket.write("\x16\x03\x01");
  await line.ended;
  const [{ end, detail, tls } = {}] = await closed(1);
  assert.deepEqual([end, detail, tls?.failure], ["handshake-failed", "ERR_TLS_HANDSHAKE_TIMEOUT", "timeout"]);
});

test("connections beyond the limit are dropped and counted", async (t) => {
  const { port, listener } = await listening(t, { listen: { limits: { connections: 2 } } });
  const lines = [dial(t, port), dial(t, port)];
  for (const line of lines) line.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await Promise.all(lines.map((line) => line.until(/}$/)));
  await dial(t, port).ended;
  assert.deepEqual([listener.stats.open, listener.stats.dropped], [2, 1]);
});

test("a closed connection says how long it lasted and how much went over it", async (t) => {
  const { port, closed } = await listening(t);
  const line = dial(t, port);
  line.socket.write(get);
  const text = await line.ended;
  const [event] = await closed(1);
  assert.deepEqual([event?.bytesIn, event?.bytesOut], [get.length, text.length]);
  assert.ok(event && event.duration > 0);
  assert.deepEqual(event.source, { address: "127.0.0.1", port: event.source.port });
  assert.ok(event.source.port > 0);
});

test("the address is known while it listens", async (t) => {
  const { listener, port } = await listening(t);
  assert.deepEqual(listener.address, { host: "127.0.0.1", port });
  await listener.close(0);
  assert.equal(listener.address, undefined);
});

test("a taken port is named, with what to do", async (t) => {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
  t.after(() => squatter.close());
  const { port } = squatter.address() as AddressInfo;
  await assert.rejects(listenerOn(port).listen(), (error) => {
    assert.ok(error instanceof ListenError);
    assert.equal(error.reason, "taken");
    assert.match(error.message, new RegExp(`port ${port} is taken: .* set another port`));
    return true;
  });
});

test("an address of another machine is named", async () => {
  await assert.rejects(listenerOn(0, "192.0.2.1").listen(), { reason: "no-such-address", message: /192\.0\.2\.1/ });
});

test("a listener configured for TLS does not start without a certificate", () => {
  const config = listenSchema({ port: 0 }).parse({ tls: { certificate: "a", key: "b" } });
  assert.throws(
    () => createListener({ config, gateway: () => createGateway([]), requestId: () => "", logger: silentLogger }),
    /no certificate/,
  );
});
