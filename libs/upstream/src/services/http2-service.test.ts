// A service that speaks nothing but HTTP/2 is asked in nothing else how it is.
import assert from "node:assert/strict";
import { createSecureServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { directoryWith, until } from "@tandem/platform/testing";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { staticDiscovery } from "../discovery/static-discovery.ts";
import type { Pool } from "../pool/pool.ts";
import { servicesSchema } from "./config.ts";
import { openService } from "./open-service.ts";

const authority = createAuthority("test");
const own = issueCertificate(authority, { name: "orders", sans: ["orders"], usage: "server" });

/** A service that speaks HTTP/2 alone, and the paths that it was asked for. */
async function http2Alone(t: TestContext): Promise<{ origin: string; asked: unknown[] }> {
  const sessions = new Set<ServerHttp2Session>();
  const asked: unknown[] = [];
  const server = createSecureServer({ cert: own.certificate, key: own.key });
  server.on("session", (session) => void sessions.add(session.on("error", () => {})));
  server.on("stream", (stream, headers) => {
    asked.push(headers[":path"]);
    stream.on("error", () => {}).respond({ ":status": 200 });
    stream.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function poolOf(t: TestContext, origin: string, health: object): Promise<Pool> {
  const ca = join(directoryWith(t, { ca: authority.certificate }), "ca");
  const { orders } = servicesSchema.parse({
    orders: { discovery: "static", protocol: "h2", instances: [origin], tls: { ca, name: "orders" }, health },
  });
  assert.ok(orders);
  const discovery = staticDiscovery([{ id: "orders-1", origin, weight: 1 }]);
  const { pool } = openService("orders", orders, { discovery });
  t.after(() => pool.close());
  await pool.ready;
  return pool;
}

test("its probes find it well", async (t) => {
  const { origin, asked } = await http2Alone(t);
  const probe = { type: "http", path: "/healthz", interval: "100ms", edgeInterval: "100ms" };
  const pool = await poolOf(t, origin, { probe });
  const seen = () => pool.view().instances[0]?.probe;
  await until("it was probed", () => seen()?.found !== undefined);
  assert.deepEqual([seen()?.found, seen()?.bad, asked[0]], ["status 200", 0, "/healthz"]);
});

test("once out, it is let back in by the first connection that opens", async (t) => {
  const { origin, asked } = await http2Alone(t);
  const pool = await poolOf(t, origin, { panic: 0 });
  const { exchange } = exchangeOf();
  const instance = pool.pick(exchange, []);
  assert.ok(typeof instance !== "string");
  pool.avoid(instance);
  assert.ok(pool.pick(exchange, []) === "no-instance");
  await until("it is back", () => pool.pick(exchange, []) === instance);
  assert.deepEqual(asked, []);
});
