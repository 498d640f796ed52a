import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Endpoint } from "@tandem/contracts/upstream";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { directoryWith, until } from "@tandem/platform/testing";
import { createConsulClient } from "./consul-client.ts";
import { consulDiscovery } from "./consul-discovery.ts";
import type { Watch } from "./discovery.ts";
import { remembered } from "./remembered.ts";
import { scripted } from "./scripted.testing.ts";
import { openSnapshots, type Snapshots } from "./snapshots.ts";
import { consulAgent } from "./testing.ts";

const list = (...ids: string[]): Endpoint[] => ids.map((id) => ({ id, origin: `http://${id}:80`, weight: 1 }));
const logger = silentLogger;

/** Snapshots that are in memory, and counted. */
function inMemory(endpoints?: readonly Endpoint[]) {
  const state = { endpoints, writes: 0, reads: 0 };
  const snapshots: Snapshots = {
    maxAge: 4_000_000,
    async read() {
      state.reads++;
      return state.endpoints && { endpoints: state.endpoints, ageMs: 60_000 };
    },
    async write(_, written) {
      state.writes++;
      state.endpoints = written;
    },
    async settle() {},
  };
  return { state, snapshots };
}

interface Followed {
  readonly known?: readonly Endpoint[];
  readonly patience?: number;
  readonly rest?: number;
}

function follow(t: TestContext, { known, patience = 60_000, rest = 50 }: Followed = {}) {
  const source = scripted();
  const kept = inMemory(known);
  const told: string[] = [];
  const options = { source: "here", snapshots: kept.snapshots, logger, patience, rest };
  const watch = remembered(source.discovery, options).watch("orders", (all) =>
    told.push(all.map(({ id }) => id).join(" ")),
  );
  t.after(() => watch.close());
  return { ...source, kept: kept.state, told, watch };
}

test("what the source says is written, at once and then at intervals, the last of it always", async (t) => {
  const { tell, kept, told } = follow(t);
  for (const id of ["a", "b", "c", "d"]) tell(list(id));
  await until("the last is written", () => kept.endpoints?.[0]?.id === "d");
  assert.equal(kept.writes, 2);
  assert.deepEqual(told, ["a", "b", "c", "d"]);
});

test("what came last is written at the end, and nothing where nothing came", async (t) => {
  const { tell, kept, watch } = follow(t, { rest: 60_000 });
  tell(list("a"));
  await until("it was written", () => kept.writes === 1);
  tell(list("b"));
  await nextTurn();
  assert.equal(kept.writes, 1, "the disk is let rest");
  watch.close();
  assert.deepEqual([kept.writes, kept.endpoints], [2, list("b")]);
  watch.close();
  assert.equal(kept.writes, 2);
  const quiet = follow(t, { rest: 60_000 });
  quiet.watch.close();
  assert.equal(quiet.kept.writes, 0);
});

test("an end amid a write is waited for, and what came meanwhile is on disk", async (t) => {
  const directory = directoryWith(t, {});
  const snapshots = openSnapshots({ directory, maxAge: 60_000, logger });
  const { discovery, tell } = scripted();
  const watch = remembered(discovery, { source: "here", snapshots, logger }).watch("orders", () => {});
  tell(list("a"));
  tell(list("b"));
  watch.close();
  await snapshots.settle();
  const found = await snapshots.read({ service: "orders", source: "here" });
  assert.deepEqual(found?.endpoints, list("b"));
  assert.equal(readdirSync(directory).length, 1);
});

test("a source that answers is never second to the disk", async (t) => {
  const { tell, kept, told, watch } = follow(t, { known: list("old"), patience: 0 });
  tell(list("new"));
  await until("it was written", () => kept.writes === 1);
  assert.deepEqual([told, kept.reads], [["new"], 0]);
  assert.equal(watch.evidence().remembered, undefined);
});

test("a source that fails is stood in for at once, with evidence of how old the list is", async (t) => {
  const { state, tell, told, watch, kept } = follow(t, { known: list("a", "b") });
  state.silentMs = 0;
  await until("the list of before is used", () => told.length === 1);
  const { remembered: from, degraded, endpoints } = watch.evidence();
  assert.ok(from && from.ageMs >= 60_000 && from.ageMs < 70_000);
  assert.match(degraded ?? "", /read from disk and is 6\d s old; it says nothing/);
  assert.equal(endpoints.length, 2);
  assert.equal(kept.writes, 0, "it is not written again, as if it were new");
  state.silentMs = undefined;
  tell(list("c"));
  assert.deepEqual(told, ["a b", "c"]);
  assert.equal(watch.evidence().remembered, undefined);
});

test("a source that says nothing is waited for, but not for long", async (t) => {
  const { told } = follow(t, { known: list("a"), patience: 100 });
  await until("the list of before is used", () => told.length === 1);
});

test("where nothing was known before, there is nothing to tell", async (t) => {
  const { state, told, kept } = follow(t);
  state.silentMs = 0;
  await until("it was looked for", () => kept.reads === 1);
  assert.deepEqual(told, []);
});

/** A gateway that knows Consul at an address, and remembers in a directory. */
function gateway(address: string, directory: string): { watch: Watch; ids: () => string; stop: () => void } {
  const client = createConsulClient(address, { patience: 2_000 });
  const source = consulDiscovery(client, { logger, wait: 500, grace: 1_500 });
  const snapshots = openSnapshots({ directory, maxAge: 60_000, logger });
  let now: readonly Endpoint[] | undefined;
  const watch = remembered(source, { source: address, snapshots, logger }).watch("orders", (all) => (now = all));
  return {
    watch,
    ids: () =>
      now
        ?.map(({ id }) => id)
        .toSorted()
        .join(" ") ?? "nothing told",
    stop() {
      watch.close();
      client.close();
    },
  };
}

test("a cold start without Consul, which then comes back empty: nobody is dropped before it had time to register", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const directory = directoryWith(t, {});
  for (const [id, port] of [
    ["a", 7201],
    ["b", 7202],
  ] as const)
    await agent.register({ name: "orders", id, port });
  const first = gateway(agent.address, directory);
  t.after(first.stop);
  await until("both are known", () => first.ids() === "a b");
  await until("both are on disk", () => readdirSync(directory).some((name) => name.endsWith(".json")));
  first.stop();
  await agent.kill();
  const second = gateway(agent.address, directory);
  t.after(second.stop);
  await until("both are known, without Consul", () => second.ids() === "a b");
  const { remembered: from, degraded, silentMs } = second.watch.evidence();
  assert.ok(from && silentMs !== undefined);
  assert.match(degraded ?? "", /from disk.*; Consul does not answer/);
  await agent.start();
  await until("Consul answers, and knows nobody", () => /vouch for 2/.test(second.watch.evidence().degraded ?? ""));
  assert.equal(second.ids(), "a b");
  await agent.register({ name: "orders", id: "a", port: 7201 });
  await until("the one that never came is given up", () => second.ids() === "a");
  assert.equal(second.watch.evidence().degraded, undefined);
});

test("a cold start while Consul hangs", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const directory = directoryWith(t, {});
  await agent.register({ name: "orders", id: "a", port: 7201 });
  const first = gateway(agent.address, directory);
  t.after(first.stop);
  await until("it is on disk", () => readdirSync(directory).some((name) => name.endsWith(".json")));
  first.stop();
  agent.freeze();
  const second = gateway(agent.address, directory);
  t.after(second.stop);
  await until("it is known, without an answer", () => second.ids() === "a");
  agent.thaw();
  await until("and Consul is followed", () => second.watch.evidence().degraded === undefined);
});
