import assert from "node:assert/strict";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { directoryWith } from "@tandem/platform/testing";
import type { TandemConfig, Tier } from "./config.ts";
import { loadRouting, loadSecurity } from "./load.ts";
import { openRoutingParts } from "./routing-parts.ts";
import { openSecurityParts } from "./security-parts.ts";
import { fillWithKeys, keptOutput } from "./testing.ts";
import { openWatching } from "./watching.ts";

/** A server that takes connections and says nothing; tells how many there are. */
async function mute(t: TestContext) {
  const server = createServer((socket) => socket.on("error", () => {}).resume()).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  let seen = 0;
  server.on("connection", () => seen++);
  const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  return { port: (server.address() as AddressInfo).port, open, seen: () => seen };
}

/** A folder with keys, and a file in it. */
async function folderWith(t: TestContext, config: object) {
  const folder = directoryWith(t, {});
  await fillWithKeys(folder);
  const file = join(folder, "tandem.yaml");
  writeFileSync(file, JSON.stringify(config));
  return { file, remove: (name: string) => rmSync(join(folder, name), { recursive: true }) };
}

function watch(t: TestContext, tier: Tier, config: TandemConfig) {
  const watching = openWatching(tier, config, { generation: "test", stdout: keptOutput() });
  t.after(() => watching.close());
  return watching;
}

test("a security tier whose keys vanish while it opens leaves no connection to its store", async (t) => {
  const redis = await mute(t);
  const { file, remove } = await folderWith(t, {
    security: {
      assertion: { keys: "assertion-keys" },
      listen: { port: 0 },
      store: { type: "redis", url: `redis://127.0.0.1:${redis.port}` },
      routingTier: { discovery: "static", instances: ["http://127.0.0.1:1"] },
    },
  });
  const loaded = loadSecurity(file);
  assert.ok(loaded.ok);
  remove("assertion-keys");
  await assert.rejects(openSecurityParts(loaded.value, watch(t, "security", loaded.value)), /ENOENT/);
  const seen = redis.seen();
  assert.ok(seen > 0);
  await sleep(1_000);
  assert.deepEqual([await redis.open(), redis.seen()], [0, seen]);
});

test("a routing tier whose files vanish while it opens asks Consul no more", async (t) => {
  const consul = await mute(t);
  const { file, remove } = await folderWith(t, {
    consul: { address: `http://127.0.0.1:${consul.port}` },
    routing: {
      assertion: { keys: "public-keys" },
      listen: { port: 0 },
      services: {
        first: { discovery: "consul" },
        second: { discovery: "static", instances: ["https://127.0.0.1:1"], tls: { ca: "ca.crt" } },
      },
      routes: ["first", "second"].map((name) => ({
        name,
        service: name,
        match: { path: `/${name}` },
        allow: "anyone",
      })),
    },
  });
  const loaded = loadRouting(file);
  assert.ok(loaded.ok);
  remove("ca.crt");
  await assert.rejects(openRoutingParts(loaded.value, watch(t, "routing", loaded.value)), /ca\.crt does not exist/);
  await sleep(300);
  assert.equal(consul.seen(), 0);
});
