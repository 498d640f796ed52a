import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exchangeOf } from "@tandem/kernel/testing";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { until } from "@tandem/platform/testing";
import { Pool as Connections } from "undici";
import { roundRobin } from "../balance/round-robin.ts";
import { createConsulClient } from "../discovery/consul-client.ts";
import { consulDiscovery } from "../discovery/consul-discovery.ts";
import { consulAgent } from "../discovery/testing.ts";
import { createRegistration, type Registration } from "../registration/registration.ts";
import { createPool } from "./pool.ts";

const { exchange } = exchangeOf();

interface Member {
  readonly registration: Registration;
  answered: number;
}

/** A server that keeps itself registered, as the demo services do. */
async function member(t: TestContext, address: string): Promise<Member> {
  const server = createServer((_, response) => {
    joined.answered++;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const consul = createConsulClient(address);
  const { port } = server.address() as AddressInfo;
  const registration = createRegistration({
    consul,
    service: "orders",
    address: "127.0.0.1",
    port,
    ttl: 1_500,
    logger: silentLogger,
    farewell: 500,
  });
  const joined = { registration, answered: 0 };
  t.after(async () => {
    await registration.close();
    consul.close();
    server.closeAllConnections();
    server.close();
  });
  return joined;
}

test("Consul hangs, is killed and comes back empty: no request fails, and a new instance is found afterwards", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const members = [await member(t, agent.address), await member(t, agent.address)];
  const client = createConsulClient(agent.address);
  const pool = createPool({
    name: "orders",
    discovery: consulDiscovery(client, { logger: silentLogger, wait: 1_000 }),
    balance: roundRobin(),
    dispatcherFor: (origin) => new Connections(origin),
  });
  t.after(async () => {
    await pool.close();
    client.close();
  });
  await until("both are found", () => pool.instances.length === 2);

  let [asked, failed] = [0, 0];
  const over = new AbortController();
  const traffic = (async () => {
    while (!over.signal.aborted) {
      asked++;
      const instance = pool.pick(exchange, []);
      if (typeof instance !== "string") {
        const { statusCode, body } = await instance.dispatcher.request({ path: "/", method: "GET" });
        await body.dump();
        if (statusCode !== 200) failed++;
      } else failed++;
      await sleep(5);
    }
  })();

  agent.freeze();
  await sleep(1_500);
  agent.thaw();
  await agent.kill();
  await sleep(1_000);
  await agent.start();
  await until("all are back", () => pool.view().discovery.degraded === undefined);
  const before = members.map(({ answered }) => answered);
  const late = await member(t, agent.address);
  await late.registration.ready;
  const took = await until("the new one takes part", () => late.answered > 0);
  await sleep(200);
  over.abort();
  await traffic;
  t.diagnostic(
    `${asked} requests, ${failed} failed; a new instance took part ${took.toFixed(0)} ms after it registered`,
  );
  assert.equal(failed, 0);
  for (const [index, { answered }] of members.entries())
    assert.ok(answered > (before[index] ?? 0), `instance ${index}`);
});
