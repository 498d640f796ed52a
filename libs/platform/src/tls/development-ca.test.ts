import { TLSSocket } from "node:tls";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpsServer, get } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createAuthority, issueCertificate, type KeyedCertificate } from "./development-ca.ts";

const sans = ["localhost", "*.example.test", "127.0.0.1", "::1", "2001:db8::7:0:9"];
const authority = createAuthority("Tandem development");
const server = issueCertificate(authority, { name: "localhost", sans, usage: "server" });
const client = issueCertificate(authority, { name: "security-gateway", usage: "client", days: 30 });

test("an authority signs itself and may sign leaves only", () => {
  const certificate = new X509Certificate(authority.certificate);
  assert.ok(certificate.ca);
  assert.ok(certificate.checkIssued(certificate));
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal(certificate.subject, "CN=Tandem development");
  assert.ok(certificate.checkPrivateKey(createPrivateKey(authority.key)));
});

test("a server certificate bears every name and address it was asked for", () => {
  const certificate = new X509Certificate(server.certificate);
  assert.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey));
  assert.ok(certificate.checkIssued(new X509Certificate(authority.certificate)));
  assert.equal(certificate.ca, false);
  assert.equal(certificate.checkHost("localhost"), "localhost");
  assert.equal(certificate.checkHost("a.example.test"), "*.example.test");
  for (const address of ["127.0.0.1", "::1", "2001:db8::7:0:9"]) assert.ok(certificate.checkIP(address), address);
  assert.equal(certificate.checkHost("other.test"), undefined);
});

test("two certificates of one name differ in serial number and key", () => {
  const other = new X509Certificate(issueCertificate(authority, { name: "localhost", usage: "server" }).certificate);
  const first = new X509Certificate(server.certificate);
  assert.notEqual(other.serialNumber, first.serialNumber);
  assert.notDeepEqual(other.publicKey.export({ format: "jwk" }), first.publicKey.export({ format: "jwk" }));
});

test("a leaf never outlives its authority, and both are valid a little before now", () => {
  const now = new Date("2049-12-30T00:00:00Z");
  const short = createAuthority("short", { days: 10, now });
  const leaf = new X509Certificate(issueCertificate(short, { name: "x", usage: "client", days: 90, now }).certificate);
  assert.equal(Date.parse(leaf.validTo), Date.parse("2050-01-09T00:00:00Z"));
  assert.equal(Date.parse(leaf.validFrom), now.getTime() - 300_000);
});

for (const { name, given } of [
  { name: "a certificate of a leaf", given: () => issueCertificate(server, { name: "x", usage: "client" }) },
  {
    name: "another authority's key",
    given: () => issueCertificate({ ...authority, key: createAuthority("b").key }, { name: "x", usage: "client" }),
  },
  {
    name: "a name with a line break",
    given: () => issueCertificate(authority, { name: "x", sans: ["a\nb"], usage: "server" }),
  },
])
  test(`${name} is refused`, () => assert.throws(given, TypeError));

test("a real handshake succeeds with the authority trusted, and asks the client for its certificate", async (t) => {
  const seen = await visit(t, client);
  assert.equal(seen, "security-gateway");
});

test("a server's certificate does not pass for a client's", async (t) => {
  await assert.rejects(visit(t, server));
});

test("a stranger's certificate is refused", async (t) => {
  await assert.rejects(
    visit(t, issueCertificate(createAuthority("Tandem development"), { name: "x", usage: "client" })),
  );
});

test("openssl finds nothing wrong", { skip: toolMissing("openssl", "version") }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tandem-ca-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "ca.pem"), authority.certificate);
  writeFileSync(join(folder, "server.pem"), server.certificate);
  writeFileSync(join(folder, "client.pem"), client.certificate);
  const openssl = (...given: string[]): string => execFileSync("openssl", given, { cwd: folder, encoding: "utf8" });
  const strictly = ["verify", "-x509_strict", "-check_ss_sig", "-CAfile", "ca.pem"];
  assert.match(openssl(...strictly, "-purpose", "sslserver", "-verify_hostname", "localhost", "server.pem"), /OK/);
  assert.match(openssl(...strictly, "-purpose", "sslclient", "client.pem"), /OK/);
  assert.throws(() => openssl(...strictly, "-purpose", "sslclient", "server.pem"));
  const text = openssl("x509", "-in", "server.pem", "-noout", "-text");
  assert.match(text, /X509v3 Key Usage: critical\s+Digital Signature\n/);
  assert.match(text, /DNS:localhost, DNS:\*\.example\.test, IP Address:127\.0\.0\.1, IP Address:0:0:0:0:0:0:0:1,/);
  assert.match(openssl("x509", "-in", "ca.pem", "-noout", "-text"), /CA:TRUE, pathlen:0/);
});

test("curl accepts the server", { skip: toolMissing("curl", "--version") }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tandem-ca-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "ca.pem"), authority.certificate);
  const { execFile } = await import("node:child_process");
  const port = await serve(t, false);
  for (const host of ["localhost", "127.0.0.1"]) {
    const given = ["-sS", "--noproxy", "*", "--cacert", join(folder, "ca.pem"), `https://${host}:${port}/`];
    const said = await new Promise<string>((resolve, reject) => {
      execFile("curl", given, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    });
    assert.equal(said, "nobody");
  }
});

async function serve(t: TestContext, requestCert = true): Promise<number> {
  const listening = createHttpsServer(
    {
      cert: server.certificate,
      key: server.key,
      ca: authority.certificate,
      requestCert,
      rejectUnauthorized: requestCert,
    },
    (request, response) => {
      const { socket } = request;
      const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
      response.end(certificate?.subject.slice(3) ?? "nobody");
    },
  );
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    listening.closeAllConnections();
    listening.close();
  });
  return (listening.address() as AddressInfo).port;
}

async function visit(t: TestContext, { certificate, key }: KeyedCertificate): Promise<string> {
  const port = await serve(t);
  return new Promise((resolve, reject) => {
    const asked = get(
      {
        host: "127.0.0.1",
        port,
        servername: "localhost",
        ca: authority.certificate,
        cert: certificate,
        key,
        agent: false,
      },
      (response) => response.on("error", reject).on("data", (chunk) => resolve(String(chunk))),
    );
    asked.on("error", reject);
  });
}

function toolMissing(tool: string, ...given: string[]): string | false {
  try {
    execFileSync(tool, given, { stdio: "ignore" });
    return false;
  } catch {
    return `${tool} is not installed`;
  }
}
