import assert from "node:assert/strict";
import { createServer } from "node:https";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { directoryWith, until } from "@tandem/platform/testing";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { loadClientTls, type ClientTls } from "../connections/client-tls.ts";
import type { Protocol } from "../connections/dispatcher.ts";
import { deadOrigin, rawUpstream, upstream } from "../exchange/testing.ts";
import { healthSchema } from "./config.ts";
import { createProbe, knock } from "./probe.ts";

const never = new AbortController().signal;

const asking = { type: "http", path: "/healthz?deep=1" };

const probeOf = (given: object, tls?: ClientTls, protocol: Protocol = "http1") => {
  const { probe } = healthSchema.parse({ probe: "type" in given ? given : { ...asking, ...given } });
  assert.ok(probe);
  return createProbe(probe, { tls, protocol });
};

test("a probe asks for its path, as itself and on a connection of its own", async (t) => {
  const asked: unknown[] = [];
  const origin = await upstream(t, ({ method, url, headers }, response) => {
    asked.push([method, url, headers.host, headers["user-agent"], headers.connection]);
    response.end("fine");
  });
  assert.deepEqual(await found(probeOf({ timeout: "5s" }), origin), [true, "status 200"]);
  assert.deepEqual(await found(probeOf({ timeout: "5s", host: "orders.internal" }), origin), [true, "status 200"]);
  const address = origin.slice("http://".length);
  assert.deepEqual(asked, [
    ["GET", "/healthz?deep=1", address, "tandem-probe", "close"],
    ["GET", "/healthz?deep=1", "orders.internal", "tandem-probe", "close"],
  ]);
});

const answers: { name: string; bytes: string; ok: boolean; what: string }[] = [
  { name: "a status that is expected", bytes: "HTTP/1.1 204 No Content\r\n\r\n", ok: true, what: "status 204" },
  { name: "one that is not", bytes: "HTTP/1.1 302 Found\r\n\r\n", ok: false, what: "status 302" },
  { name: "no answer", bytes: "", ok: false, what: "no answer in time" },
  {
    name: "an answer that stops in its middle",
    bytes: "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
    ok: false,
    what: "no answer in time",
  },
  {
    name: "an answer without end",
    bytes: `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(200_000)}`,
    ok: true,
    what: "status 200",
  },
  {
    name: "an answer that switches protocols",
    bytes: "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ok: false,
    what: "no answer to the question",
  },
  { name: "something that is no HTTP", bytes: "hello\r\n\r\n", ok: false, what: "HPE_INVALID_CONSTANT" },
];
for (const { name, bytes, ok, what } of answers)
  test(`${name} is ${ok ? "healthy" : "not healthy"}`, async (t) => {
    let closed = 0;
    const origin = await rawUpstream(t, (socket) => {
      socket.on("close", () => closed++);
      socket.write(bytes);
    });
    const timeout = what === "no answer in time" ? "200ms" : "5s";
    assert.deepEqual(await found(probeOf({ timeout }), origin), [ok, what]);
    await until("its connection is closed", () => closed === 1);
  });

test("where nobody listens, nobody is healthy; a connection is enough for a TCP probe", async (t) => {
  const origin = await rawUpstream(t, () => {});
  const tcp = probeOf({ type: "tcp", timeout: "5s" });
  assert.deepEqual(await found(tcp, origin), [true, "a connection"]);
  assert.deepEqual(await found(tcp, await deadOrigin()), [false, "ECONNREFUSED"]);
  assert.deepEqual(await found(knock(5_000, { tls: undefined, protocol: "http1" }), await deadOrigin()), [
    false,
    "ECONNREFUSED",
  ]);
});

test("a probe that is not wanted any more ends at once", async (t) => {
  const origin = await rawUpstream(t, () => {});
  const over = new AbortController();
  const asked = probeOf({ timeout: "1m" })(origin, over.signal);
  over.abort();
  assert.equal((await asked).ok, false);
});

test("a probe goes by the service's TLS", async (t) => {
  const authority = createAuthority("test");
  const { certificate, key } = issueCertificate(authority, { name: "orders", sans: ["orders"], usage: "server" });
  const origin = await secureUpstream(t, certificate, key);
  const ca = join(directoryWith(t, { ca: authority.certificate }), "ca");
  assert.deepEqual(await found(probeOf({ timeout: "5s" }, loadClientTls({ ca, name: "orders" })), origin), [
    true,
    "status 200",
  ]);
  for (const tls of [loadClientTls({ ca, name: "catalog" }), undefined])
    assert.equal((await probeOf({ timeout: "5s" }, tls)(origin, never)).ok, false);
});

async function found(probe: ReturnType<typeof createProbe>, origin: string): Promise<[boolean, string]> {
  const { ok, found: what, took } = await probe(origin, never);
  assert.ok(took >= 0);
  return [ok, what];
}

async function secureUpstream(t: TestContext, cert: string, key: string): Promise<string> {
  const server = createServer({ cert, key }, (_, response) => void response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
