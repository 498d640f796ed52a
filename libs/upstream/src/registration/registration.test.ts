import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@tandem/platform/log/logger";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { keepingLogger, until } from "@tandem/platform/testing";
import { createConsulClient } from "../discovery/consul-client.ts";
import { consulDiscovery } from "../discovery/consul-discovery.ts";
import { consulAgent } from "../discovery/testing.ts";
import { createRegistration, type Registration } from "./registration.ts";

interface Announced {
  readonly port?: number;
  readonly ttl?: number;
  readonly farewell?: number;
  readonly meta?: Record<string, string>;
  readonly logger?: Logger;
}

/** Announces a routing gateway at a Consul until the test ends. */
function announce(
  t: TestContext,
  address: string,
  { port = 8081, ttl = 3_000, ...rest }: Announced = {},
): Registration {
  const consul = createConsulClient(address, { patience: 5_000 });
  const registration = createRegistration({
    consul,
    service: "routing-gateway",
    address: "127.0.0.1",
    port,
    ttl,
    logger: silentLogger,
    ...rest,
  });
  t.after(async () => {
    await registration.close();
    consul.close();
  });
  return registration;
}

test("an instance registers, is found by discovery at once, and leaves before it closes", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const registration = announce(t, agent.address, { meta: { scheme: "https" } });
  await registration.ready;
  const { [registration.id]: service } = await agent.services();
  assert.deepEqual(
    [service?.Service, service?.Address, service?.Port, service?.Meta],
    ["routing-gateway", "127.0.0.1", 8081, { scheme: "https" }],
  );
  let origins = "";
  const client = createConsulClient(agent.address);
  const watch = consulDiscovery(client, { logger: silentLogger }).watch(
    "routing-gateway",
    (list) => (origins = list.map(({ origin }) => origin).join(" ")),
  );
  t.after(() => {
    watch.close();
    client.close();
  });
  await until("it is found, passing from the start", () => origins === "https://127.0.0.1:8081");
  await registration.close();
  const took = await until("it is gone from discovery", () => origins === "");
  t.diagnostic(`gone from discovery ${took.toFixed(1)} ms after close`);
  assert.deepEqual(await agent.services(), {});
});

test("an instance that goes on speaking stays passing for longer than its ttl", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const registration = announce(t, agent.address);
  await registration.ready;
  await sleep(7_000);
  const checks = (await (await fetch(`${agent.address}/v1/agent/checks`)).json()) as Record<string, { Status: string }>;
  assert.equal(checks[`service:${registration.id}`]?.Status, "passing");
});

test("two instances at one address have names of their own", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const [first, second] = [announce(t, agent.address), announce(t, agent.address)];
  await Promise.all([first.ready, second.ready]);
  assert.notEqual(first.id, second.id);
  await first.close();
  assert.deepEqual(Object.keys(await agent.services()), [second.id]);
});

test("an instance that Consul forgot registers again when it next speaks", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const registration = announce(t, agent.address);
  await registration.ready;
  await agent.deregister(registration.id);
  const took = await until("it is back", async () => registration.id in (await agent.services()));
  t.diagnostic(`back after ${took.toFixed(0)} ms, with a ttl of 3 s`);
});

test("an instance is back seconds after Consul restarted empty", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const registration = announce(t, agent.address);
  await registration.ready;
  await agent.kill();
  await sleep(500);
  await agent.start();
  const took = await until("it is back", async () => registration.id in (await agent.services()));
  t.diagnostic(`back ${took.toFixed(0)} ms after Consul led again`);
});

test("an instance that starts before Consul registers when Consul comes", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  await agent.kill();
  const registration = announce(t, agent.address);
  await sleep(300);
  assert.equal(registration.registered, false);
  await agent.start();
  await until("it is registered", () => registration.registered);
});

test("a Consul that hangs does not keep an instance from closing", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const registration = announce(t, agent.address, { farewell: 400 });
  await registration.ready;
  agent.freeze();
  const start = performance.now();
  await registration.close();
  const took = performance.now() - start;
  agent.thaw();
  assert.ok(took < 4_000, `${took} ms, and Consul alone would have been waited for 5 s`);
});

test("a Consul that is gone does not keep an instance from closing, nor the process from ending", async (t) => {
  const registration = announce(t, "http://127.0.0.1:9");
  await sleep(100);
  const start = performance.now();
  await Promise.all([registration.close(), registration.close()]);
  await registration.ready;
  assert.ok(performance.now() - start < 4_000);
});

test("a close while the registration is under way leaves nothing behind", async (t) => {
  const known = new Set<string>();
  let asked = false;
  const server = createServer((request, response) => {
    asked = true;
    const id = decodeURIComponent(request.url?.split("/").at(-1) ?? "");
    if (request.url?.includes("/deregister/")) known.delete(id);
    else if (request.url?.endsWith("/register")) setTimeout(() => known.add(registration.id), 80);
    setTimeout(() => response.end(), 100);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const registration = announce(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await until("it is under way", () => asked);
  await registration.close();
  assert.deepEqual([...known], []);
});

test("every line names the upstream, and leaves the name of the process alone", async (t) => {
  const logger = keepingLogger([], { service: "this process" });
  const registration = announce(t, "http://127.0.0.1:9", { logger });
  await until("it was tried", () => logger.lines.length > 0);
  await registration.close();
  const told = logger.lines.map(({ message, fields: { service, upstream, id } }) => [message, service, upstream, id]);
  assert.deepEqual(told, [
    ["Consul cannot be told of this instance", "this process", "routing-gateway", registration.id],
    ["could not deregister; Consul notices by itself", "this process", "routing-gateway", registration.id],
  ]);
});
