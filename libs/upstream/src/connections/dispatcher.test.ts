import assert from "node:assert/strict";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { TLSSocket } from "node:tls";
import { request } from "@tandem/kernel/testing";
import { directoryWith, until } from "@tandem/platform/testing";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { loadClientTls, type ClientTlsFiles } from "./client-tls.ts";
import { gatewayTo, hopTo, instanceAt, upstream } from "../exchange/testing.ts";

const authority = createAuthority("test");
const stranger = createAuthority("stranger");
const server = issueCertificate(authority, { name: "routing-gateway", sans: ["routing-gateway"], usage: "server" });
const lastYear = { days: 7, now: new Date(Date.now() - 365 * 86_400_000) };
const elder = createAuthority("elder", { ...lastYear, days: 3650 });
const expired = issueCertificate(elder, { ...lastYear, name: "gateway", sans: ["routing-gateway"], usage: "server" });
const client = issueCertificate(authority, { name: "security-gateway", usage: "client" });

/** The files that a configuration would name. */
function filesOf(t: TestContext): Record<"ca" | "strange" | "certificate" | "key", string> {
  const directory = directoryWith(t, {
    ca: authority.certificate,
    strange: stranger.certificate,
    certificate: client.certificate,
    key: client.key,
  });
  const [ca, strange, certificate, key] = ["ca", "strange", "certificate", "key"].map((name) => join(directory, name));
  return { ca: ca!, strange: strange!, certificate: certificate!, key: key! };
}

/** A gateway over TLS that tells which name it was asked for, and how many connections there were. */
async function secured(t: TestContext, options: ServerOptions = {}): Promise<{ origin: string; names: unknown[] }> {
  const names: unknown[] = [];
  const listener = createServer(
    { cert: server.certificate, key: server.key, ca: authority.certificate, ...options },
    (_, response) => response.end("ok"),
  );
  listener.on("secureConnection", (socket: TLSSocket & { servername?: unknown }) => names.push(socket.servername));
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return { origin: `https://127.0.0.1:${(listener.address() as AddressInfo).port}`, names };
}

test("a gateway found by its address is verified by its name, over one connection whatever host clients ask for", async (t) => {
  const { ca, certificate, key } = filesOf(t);
  const { origin, names } = await secured(t, { requestCert: true, rejectUnauthorized: true });
  const tls = loadClientTls({ ca, certificate, key, name: "routing-gateway" });
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin, { tls })]));
  for (const host of ["a.test", "b.test", "127.0.0.1"])
    assert.equal((await request(t, gateway, { headers: { host } })).text, "ok");
  assert.deepEqual(names, ["routing-gateway"]);
});

const refused: { name: string; files: (files: ReturnType<typeof filesOf>) => ClientTlsFiles }[] = [
  { name: "a name that is not in the certificate", files: ({ ca }) => ({ ca, name: "other" }) },
  { name: "an address that is not in the certificate", files: ({ ca }) => ({ ca }) },
  { name: "an authority that we do not know", files: ({ strange }) => ({ ca: strange, name: "routing-gateway" }) },
  { name: "an authority that the system does not know", files: () => ({ name: "routing-gateway" }) },
];

for (const { name, files } of refused)
  test(`${name} is refused, even when the client asks for the right host`, async (t) => {
    const { origin } = await secured(t);
    const instance = instanceAt(t, origin, { tls: loadClientTls(files(filesOf(t))) });
    const { gateway } = gatewayTo(hopTo([instance]));
    const { status, json } = await request(t, gateway, { headers: { host: "routing-gateway" } });
    assert.deepEqual([status, json.type], [502, "urn:tandem:problem:upstream.refused"]);
    assert.equal(instance.inFlight, 0);
  });

for (const [name, protocol] of [
  ["on HTTP/1.1", "http1"],
  ["on HTTP/2", "h2"],
] as const)
  test(`a certificate that has expired is refused ${name}, and only the log says why`, async (t) => {
    const ca = join(directoryWith(t, { ca: elder.certificate }), "ca");
    const { origin } = await secured(t, { cert: expired.certificate, key: expired.key });
    const tls = loadClientTls({ ca, name: "routing-gateway" });
    const { gateway, records } = gatewayTo(hopTo([instanceAt(t, origin, { tls, protocol })]));
    const { status, json, text } = await request(t, gateway);
    assert.deepEqual([status, json.type], [502, "urn:tandem:problem:upstream.refused"]);
    assert.doesNotMatch(text, /expired|certificate|127\.0\.0\.1/i);
    const [{ cause, error, attempts } = assert.fail("there is no record")] = records;
    assert.deepEqual([error, attempts[0]?.outcome], ["upstream.refused", "refused"]);
    assert.match(String(cause), /certificate has expired/);
  });

test("who does not prove who they are gets nothing of a gateway that asks", async (t) => {
  const { ca } = filesOf(t);
  const { origin } = await secured(t, { requestCert: true, rejectUnauthorized: true });
  const instance = instanceAt(t, origin, { tls: loadClientTls({ ca, name: "routing-gateway" }) });
  const { gateway } = gatewayTo(hopTo([instance]));
  assert.equal((await request(t, gateway)).status, 502);
});

const unreadable: { name: string; files: (files: ReturnType<typeof filesOf>) => ClientTlsFiles; error: RegExp }[] = [
  { name: "a file that is not there", files: ({ ca }) => ({ ca: `${ca}.gone` }), error: /ca\.gone does not exist$/ },
  { name: "a file that is no certificate", files: ({ key }) => ({ ca: key }), error: /holds no PEM certificate$/ },
  { name: "a certificate that vouches for nobody", files: ({ certificate: ca }) => ({ ca }), error: /an authority$/ },
  {
    name: "a key of another certificate",
    files: ({ ca, key }) => ({ certificate: ca, key }),
    error: /is not the key of the certificate/,
  },
  { name: "a certificate without its key", files: ({ certificate }) => ({ certificate }), error: /need each other/ },
];

for (const { name, files, error } of unreadable)
  test(`${name} is noticed at start`, (t) => {
    assert.throws(() => loadClientTls(files(filesOf(t))), error);
  });

test("connections are reused, and closed before the other side would close them", async (t) => {
  const ports = new Set<unknown>();
  let closed = false;
  const origin = await upstream(t, (asked, response) => {
    ports.add(asked.socket.remotePort);
    asked.socket.once("close", () => (closed = true));
    // Node announces its own timeout otherwise, and that one counts.
    response.writeHead(200, { connection: "keep-alive" }).end("ok");
  });
  const { gateway } = gatewayTo(hopTo([instanceAt(t, origin, { keepAlive: 2_000 })]));
  for (let turn = 0; turn < 5; turn++) assert.equal((await request(t, gateway)).text, "ok");
  assert.equal(ports.size, 1);
  await until("the idle connection is closed", () => closed);
});
