import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "@tandem/contracts/upstream";
import { silentLogger as logger } from "@tandem/platform/log/silent-logger";
import { until } from "@tandem/platform/testing";
import { createConsulClient } from "./consul-client.ts";
import { consulDiscovery } from "./consul-discovery.ts";
import { failover } from "./failover.ts";
import { consulAgent } from "./testing.ts";

test("instances of the first datacenter that has any, over and back, and when the whole of it is gone", async (t) => {
  const near = await consulAgent(t, { datacenter: "dc2" });
  if (!near) return;
  const far = await consulAgent(t, { datacenter: "dc1", joins: near });
  if (!far) return;
  const client = createConsulClient(near.address);
  t.after(() => client.close());
  await near.register({ name: "orders", id: "near", port: 7201 });
  await far.register({ name: "orders", id: "far", port: 7202 });
  const places = ["dc1", "dc2"].map((datacenter) => ({
    name: datacenter,
    discovery: consulDiscovery(client, { logger, datacenter, wait: 1_000 }),
  }));
  let list: readonly Endpoint[] = [];
  const watch = failover(places, { logger, lostAfter: 1_000 }).watch("orders", (told) => (list = told));
  t.after(() => watch.close());
  const ids = (): string => list.map(({ id }) => id).join(" ");

  // The agents find each other within seconds; until then the first datacenter cannot be asked.
  await until("the first is in use", () => ids() === "far", { within: 30_000 });
  const evidence = watch.evidence();
  assert.equal(evidence.source === "consul" && evidence.datacenter, "dc1");
  await far.report("far", "fail");
  await until("over", () => ids() === "near");
  assert.equal(watch.evidence().degraded, "dc2 stands in for dc1");
  await far.report("far", "pass");
  await until("and back", () => ids() === "far");
  await far.kill();
  await until("over, because the first is gone", () => ids() === "near", { within: 30_000 });
  assert.match(watch.evidence().choices?.[0]?.degraded ?? "", /does not answer/);
});
