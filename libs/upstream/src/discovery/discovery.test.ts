// One contract for every discovery.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "@tandem/contracts/upstream";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { directoryWith, until } from "@tandem/platform/testing";
import { createConsulClient } from "./consul-client.ts";
import { consulDiscovery } from "./consul-discovery.ts";
import type { Discovery, Source } from "./discovery.ts";
import { dnsDiscovery } from "./dns/dns-discovery.ts";
import { failover } from "./failover.ts";
import { remembered } from "./remembered.ts";
import { shared } from "./shared.ts";
import { openSnapshots } from "./snapshots.ts";
import { staticDiscovery } from "./static-discovery.ts";
import { subset } from "./subset.ts";
import { consulAgent, type ConsulAgent } from "./testing.ts";

const endpoints: Endpoint[] = [
  { id: "orders-1", origin: "http://127.0.0.1:7201", weight: 1 },
  { id: "orders-2", origin: "http://127.0.0.1:7202", weight: 3 },
];

interface Made {
  readonly discovery: Discovery;
  /** What it asks; absent where it asks nobody. */
  readonly agent?: ConsulAgent;
}
type Make = (t: TestContext, name: string) => Promise<Made | undefined>;

/** A discovery over a real agent in which both are registered. */
function over(of: (agent: ConsulAgent, t: TestContext, name: string) => Discovery): Make {
  return async (t, name) => {
    const agent = await consulAgent(t);
    if (!agent) return undefined;
    await Promise.all(endpoints.map((endpoint) => register(agent, name, endpoint)));
    return { agent, discovery: of(agent, t, name) };
  };
}

const register = (agent: ConsulAgent, name: string, { id, origin, weight }: Endpoint) =>
  agent.register({ name, id, port: Number(new URL(origin).port), weight, tags: ["v1"] });

function inConsul({ address }: ConsulAgent, t: TestContext): Source {
  const client = createConsulClient(address, { patience: 5_000 });
  t.after(() => client.close());
  return consulDiscovery(client, { logger: silentLogger, wait: 500, emptyGrace: 500 });
}

function inDns({ dns }: ConsulAgent, _: TestContext, name: string): Source {
  const times = { minTtl: 100, maxTtl: 60_000, emptyGrace: 500 };
  const what = { discovery: "dns", type: "srv", scheme: "http", family: "both", ...times } as const;
  return dnsDiscovery({ ...what, name: `${name}.service.consul`, servers: [dns] }, { logger: silentLogger });
}

function kept(source: Source, t: TestContext): Discovery {
  const snapshots = openSnapshots({ directory: directoryWith(t, {}), maxAge: 60_000, logger: silentLogger });
  return remembered(source, { source: "the registry", snapshots, logger: silentLogger });
}

const makers: Record<string, Make> = {
  static: async () => ({ discovery: staticDiscovery(endpoints) }),
  consul: over(inConsul),
  dns: over(inDns),
  "consul, shared": over((agent, t) => shared(inConsul(agent, t))),
  "consul, remembered": over((agent, t) => kept(inConsul(agent, t), t)),
  "dns, remembered": over((agent, t, name) => kept(inDns(agent, t, name), t)),
  "consul, a subset": over((agent, t) => subset(inConsul(agent, t), { tags: ["v1"] })),
  "consul, failing over": over((agent, t) =>
    failover(
      [
        { name: "empty", discovery: staticDiscovery([]) },
        { name: "dc1", discovery: inConsul(agent, t) },
      ],
      { logger: silentLogger },
    ),
  ),
};

/** What is the same whoever tells it: DNS knows no ids. */
const told = (list: readonly Endpoint[] | undefined): string =>
  list
    ?.map(({ origin, weight }) => `${origin.slice(-4)}×${weight}`)
    .toSorted()
    .join(" ") ?? "nothing";
const both = "7201×1 7202×3";

for (const [kind, make] of Object.entries(makers)) {
  test(`${kind}: tells the instances once, after watch has returned, and nothing after it was closed`, async (t) => {
    const { discovery } = (await make(t, "orders")) ?? {};
    if (!discovery) return;
    const lists: (readonly Endpoint[])[] = [];
    let silent = 0;
    const watch = discovery.watch("orders", (list) => lists.push(list));
    const other = discovery.watch("orders", () => silent++);
    other.close();
    t.after(() => watch.close());
    assert.equal(lists.length, 0);
    await until("both are told", () => told(lists.at(-1)) === both);
    const times = lists.length;
    await sleep(700);
    assert.equal(lists.length, times, "the same list is told once");
    assert.equal(silent, 0, "one that was closed is told nothing, and does not disturb the others");
    const { service, degraded = "", ageMs, endpoints: shown } = watch.evidence();
    assert.equal(service, "orders");
    assert.equal(degraded, kind.includes("failing") ? "dc1 stands in for empty" : "");
    assert.equal(told(shown), both);
    assert.ok(ageMs !== undefined && ageMs < 60_000, String(ageMs));
  });

  test(`${kind}: follows what comes and goes, and keeps the last list while nobody answers`, async (t) => {
    const { discovery, agent } = (await make(t, "orders")) ?? {};
    if (!discovery || !agent) return;
    let list: readonly Endpoint[] | undefined;
    const watch = discovery.watch("orders", (now) => (list = now));
    t.after(() => watch.close());
    await until("both are told", () => told(list) === both);
    await agent.report("orders-1", "fail");
    await until("the one that is not well is gone", () => told(list) === "7202×3");
    await agent.report("orders-1", "pass");
    await until("and back", () => told(list) === both);
    await agent.maintenance(true);
    await until("that all are gone is believed at last", () => told(list) === "");
    await agent.maintenance(false);
    await until("and that they are back", () => told(list) === both);
    await agent.kill();
    await until("the outage is seen", () => /does not answer/.test(outage(watch.evidence())));
    assert.equal(told(list), both);
    await agent.start();
    await register(agent, "orders", { id: "orders-3", origin: "http://127.0.0.1:7203", weight: 1 });
    await until("a new one is found", () => told(list).includes("7203"), { within: 30_000 });
    assert.deepEqual(watch.evidence().silentMs, undefined);
  });
}

const outage = ({ degraded = "", choices = [] }: ReturnType<ReturnType<Discovery["watch"]>["evidence"]>): string =>
  [degraded, ...choices.map((choice) => choice.degraded)].join(" ");
