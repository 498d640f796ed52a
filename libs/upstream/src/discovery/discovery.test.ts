// One contract for every discovery.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "@tandem/contracts/upstream";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { until } from "@tandem/platform/testing";
import { createConsulClient } from "./consul-client.ts";
import { consulDiscovery } from "./consul-discovery.ts";
import type { Discovery } from "./discovery.ts";
import { staticDiscovery } from "./static-discovery.ts";
import { consulAgent } from "./testing.ts";

const endpoints: Endpoint[] = [
  { id: "orders-1", origin: "http://127.0.0.1:7201", weight: 1 },
  { id: "orders-2", origin: "http://127.0.0.1:7202", weight: 3 },
];

type Make = (t: TestContext, service: string) => Promise<Discovery | undefined>;
const makers: Record<string, Make> = {
  static: async () => staticDiscovery(endpoints),
  consul: async (t, name) => {
    const agent = await consulAgent(t);
    if (!agent) return undefined;
    for (const { id, origin, weight } of endpoints)
      await agent.register({ name, id, port: Number(new URL(origin).port), meta: { weight: String(weight) } });
    const client = createConsulClient(agent.address);
    t.after(() => client.close());
    return consulDiscovery(client, { logger: silentLogger });
  },
};

for (const [kind, make] of Object.entries(makers)) {
  test(`${kind}: tells the instances once, after watch has returned`, async (t) => {
    const discovery = await make(t, "orders");
    if (!discovery) return;
    const told: (readonly Endpoint[])[] = [];
    const watch = discovery.watch("orders", (list) => told.push(list));
    t.after(() => watch.close());
    assert.equal(told.length, 0);
    await until("the first list has come", () => told.length > 0);
    await sleep(300);
    assert.equal(told.length, 1);
    assert.deepEqual(
      told[0]?.toSorted((a, b) => a.id.localeCompare(b.id)),
      endpoints,
    );
  });

  test(`${kind}: gives evidence of what it believes`, async (t) => {
    const discovery = await make(t, "orders");
    if (!discovery) return;
    const watch = discovery.watch("orders", () => {});
    t.after(() => watch.close());
    await until("there is evidence", () => watch.evidence().endpoints.length === 2);
    const { service, source, degraded, ageMs } = watch.evidence();
    assert.deepEqual({ service, source, degraded }, { service: "orders", source: kind, degraded: undefined });
    assert.ok(ageMs !== undefined && ageMs < 1_000, String(ageMs));
  });

  test(`${kind}: says nothing after it was closed`, async (t) => {
    const discovery = await make(t, "orders");
    if (!discovery) return;
    let told = 0;
    discovery.watch("orders", () => told++).close();
    await sleep(300);
    assert.equal(told, 0);
  });

  test(`${kind}: two watches do not disturb each other`, async (t) => {
    const discovery = await make(t, "orders");
    if (!discovery) return;
    let told = 0;
    const first = discovery.watch("orders", () => told++);
    const second = discovery.watch("orders", () => told++);
    t.after(() => second.close());
    first.close();
    await until("the second was told", () => told === 1);
  });
}
