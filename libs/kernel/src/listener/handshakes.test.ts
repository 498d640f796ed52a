// What a listener tells of handshakes, asked by real clients: Node's and the openssl program.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createAuthority, issueCertificate, type KeyedCertificate } from "@tandem/platform/tls/development-ca";
import { directoryWith } from "@tandem/platform/testing";
import { certificateSaying, revocationList } from "@tandem/platform/tls/testing";
import { authority, clientOf, dial, listening, serverMaterial } from "./testing.ts";

const get = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
const day = 86_400_000;
const stranger = issueCertificate(createAuthority("stranger"), { name: "x", usage: "client" });
const taken = clientOf("taken");
const expired = certificateSaying(authority, {
  subject: [["CN", "late"]],
  notBefore: new Date(Date.now() - 2 * day),
  notAfter: new Date(Date.now() - day),
});
const forServers = certificateSaying(authority, { subject: [["CN", "server"]], usage: "server" });
const lists = [revocationList(authority, [taken])];

for (const required of [true, false])
  for (const { name, shown, failure, subject } of [
    { name: "expired", shown: expired, failure: "certificate-expired", subject: "late" },
    { name: "of a stranger", shown: stranger, failure: "certificate-unknown-authority", subject: "x" },
    { name: "for servers", shown: forServers, failure: "certificate-invalid", subject: "server" },
    { name: "taken back", shown: taken, failure: "certificate-revoked", subject: "taken" },
  ])
    test(`a certificate that is ${name}, certificates being ${required ? "required" : "optional"}: ${failure}`, async (t) => {
      const isRevoked = name === "taken back";
      const file = join(directoryWith(t, { "a.crl": lists[0]! }), "a.crl");
      const clients = { ca: authority.certificate, required, ...(isRevoked && { revoked: { file, lists } }) };
      const { port, closed } = await listening(t, { tls: { ...serverMaterial, clients } });
      const line = dial(t, port, { cert: shown.certificate, key: shown.key, servername: "localhost" });
      line.socket.write(get);
      await line.ended;
      const [{ end, tls, requests } = {}] = await closed(1);
      assert.deepEqual([end, tls?.failure, tls?.established, requests], ["certificate-refused", failure, false, 0]);
      assert.equal(tls?.sni, "localhost");
      // Where they are required Node has let go of the certificate by now.
      assert.deepEqual(tls?.certificate?.says.names?.subject.CN, required ? undefined : [subject]);
      if (!required) assert.equal(tls?.certificate?.verified, false);
    });

test("a connection that went well says what was agreed on, and whose certificate was accepted", async (t) => {
  const clients = { ca: authority.certificate, required: true };
  const { port, closed, recorded } = await listening(t, { tls: { ...serverMaterial, clients } });
  const { certificate, key } = clientOf("tier");
  const line = dial(t, port, { cert: certificate, key, servername: "localhost" });
  line.socket.write(get);
  await line.ended;
  const [event] = await closed(1);
  const { version, cipher, alpn, sni, resumed, established, certificate: shown } = event!.tls!;
  assert.deepEqual(
    [version, alpn, sni, resumed, established, shown?.verified, shown?.says.names?.subject.CN],
    ["TLSv1.3", "http/1.1", "localhost", false, true, true, ["tier"]],
  );
  assert.match(cipher!, /^TLS_AES/);
  assert.ok(event!.bytesIn > get.length + 1000, "TLS is counted");
  assert.deepEqual([event!.end, event!.requests, event!.upgraded], ["last-answer", 1, false]);
  assert.equal((await recorded(1))[0]?.peer?.connection, event!.id);
});

for (const version of ["TLSv1.2", "TLSv1.3"] as const)
  test(`a session of ${version} that goes on from an earlier one says so`, async (t) => {
    const { port, closed } = await listening(t, { tls: serverMaterial });
    let ticket: Buffer | undefined;
    const first = dial(t, port, { maxVersion: version });
    first.socket.on("session", (given: Buffer) => (ticket = given));
    first.socket.write(get);
    await first.ended;
    const again = dial(t, port, { maxVersion: version, session: ticket! });
    again.socket.write(get);
    await again.ended;
    assert.deepEqual(
      (await closed(2)).map(({ tls }) => tls?.resumed),
      [false, true],
    );
  });

const openssl = (t: TestContext, port: number, args: readonly string[]): void => {
  const child = spawn("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, ...args], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  t.after(() => child.kill());
};
const files = (t: TestContext, { certificate, key }: KeyedCertificate): string[] => {
  const folder = directoryWith(t, { "a.crt": certificate, "a.key": key });
  return ["-cert", join(folder, "a.crt"), "-key", join(folder, "a.key")];
};
const required = { ...serverMaterial, clients: { ca: authority.certificate, required: true } };

for (const { name, args, tls = serverMaterial, failure, version } of [
  {
    name: "an old version",
    args: ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
    failure: "protocol-version",
    version: "TLSv1.1",
  },
  {
    name: "a cipher without forward secrecy",
    args: ["-tls1_2", "-cipher", "AES128-SHA"],
    failure: "no-shared-cipher",
    version: "TLSv1.2",
  },
  {
    name: "a cipher of 1.3 that we do not speak",
    args: ["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"],
    failure: "no-shared-cipher",
    version: "TLSv1.3",
  },
  {
    name: "another application protocol",
    args: ["-alpn", "spdy/3"],
    failure: "no-shared-protocol",
    version: "TLSv1.3",
  },
  {
    name: "no certificate where one is required",
    args: [],
    tls: required,
    failure: "certificate-required",
    version: "TLSv1.3",
  },
  {
    name: "a client that does not trust us",
    args: ["-verify_return_error", "-tls1_3"],
    failure: "client-refused-certificate",
    version: "TLSv1.3",
  },
])
  test(`openssl s_client with ${name}: ${failure}`, async (t) => {
    const { port, closed, listener } = await listening(t, { tls });
    openssl(t, port, args);
    const [event] = await closed(1);
    assert.deepEqual([event?.end, event?.tls?.failure, event?.tls?.version], ["handshake-failed", failure, version]);
    assert.match(event!.detail!, /^ERR_SSL_/);
    assert.deepEqual([...listener.stats.handshakes], [[failure, 1]]);
  });

test("openssl s_client with an expired certificate: certificate-expired", async (t) => {
  const { port, closed } = await listening(t, { tls: required });
  openssl(t, port, files(t, expired));
  const [event] = await closed(1);
  assert.deepEqual(
    [event?.end, event?.tls?.failure, event?.detail],
    ["certificate-refused", "certificate-expired", "CERT_HAS_EXPIRED"],
  );
});

for (const { name, say, end, failure } of [
  { name: "plain HTTP", say: get, end: "handshake-failed", failure: "not-tls" },
  { name: "SSH", say: "SSH-2.0-x\r\n", end: "handshake-failed", failure: "not-tls" },
  { name: "a handshake that never ends", say: "\x16\x03\x01", end: "handshake-failed", failure: "timeout" },
  { name: "silence that lasts", say: "", end: "handshake-failed", failure: "timeout" },
  { name: "half a handshake and the end", say: "\x16\x03\x01", end: "handshake-failed", failure: "client-closed" },
  { name: "half a handshake and a reset", say: "\x16\x03\x01", end: "handshake-failed", failure: "client-reset" },
  { name: "nothing and the end", say: "", end: "unused", failure: undefined },
  { name: "nothing and a reset", say: "", end: "unused", failure: undefined },
])
  test(`${name} on a port of TLS: ${failure ?? end}`, async (t) => {
    const { port, closed, listener } = await listening(t, {
      tls: serverMaterial,
      listen: { limits: { headTimeout: "200ms" } },
    });
    const socket = connect(port, "127.0.0.1")
      .on("error", () => {})
      .resume();
    t.after(() => socket.destroy());
    await once(socket, "connect");
    if (say) socket.write(say);
    while (listener.stats.open === 0 && listener.stats.accepted === 0) await new Promise(setImmediate);
    const then = name.includes("the end") ? "end" : name.includes("a reset") ? "reset" : undefined;
    if (then === "end") socket.end();
    if (then === "reset") setTimeout(() => socket.resetAndDestroy(), 20);
    const [event] = await closed(1);
    assert.deepEqual([event?.end, event?.end === "unused" ? undefined : event?.tls?.failure], [end, failure]);
    assert.equal(listener.stats.handshakes.size, failure === undefined ? 0 : 1);
  });
