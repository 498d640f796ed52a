import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "@tandem/contracts/upstream";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { keepingLogger, until } from "@tandem/platform/testing";
import { createConsulClient } from "./consul-client.ts";
import { consulDiscovery } from "./consul-discovery.ts";
import { consulAgent } from "./testing.ts";

interface Watching {
  ids(): string;
  degraded(): string | undefined;
}

/** Follows `orders` at an address until the test ends. */
function follow(
  t: TestContext,
  address: string,
  { patience = 5_000, ...options }: { wait?: number; grace?: number; emptyGrace?: number; patience?: number } = {},
): Watching {
  const client = createConsulClient(address, { patience });
  let list: readonly Endpoint[] | undefined;
  const watch = consulDiscovery(client, { logger: silentLogger, ...options }).watch("orders", (told) => (list = told));
  t.after(() => {
    watch.close();
    client.close();
  });
  return {
    ids: () =>
      list
        ?.map(({ id }) => id)
        .toSorted()
        .join(" ") ?? "nothing told",
    degraded: () => watch.evidence().degraded,
  };
}

const orders = (id: string, port: number) => ({ name: "orders", id, port });

test("register, critical, well again, deregister: the list follows at once, long before a question has waited", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  const wait = 60_000;
  const seen = follow(t, agent.address, { wait });
  await until("an unknown service has no instances", () => seen.ids() === "");
  const timed = async (what: string, act: Promise<void>, ids: string): Promise<void> => {
    await act;
    const took = await until(what, () => seen.ids() === ids, { within: wait / 4 });
    t.diagnostic(`${what}: ${took.toFixed(1)} ms`);
  };
  await timed("register the first", agent.register(orders("a", 7201)), "a");
  await timed("register the second", agent.register(orders("b", 7202)), "a b");
  await timed("critical", agent.report("a", "fail"), "b");
  await timed("well again", agent.report("a", "pass"), "a b");
  await timed("deregister", agent.deregister("a"), "b");
  await timed("the last one critical", agent.report("b", "fail"), "");
  await timed("the last one well again", agent.report("b", "pass"), "b");
  await timed("deregister the last one", agent.deregister("b"), "");
  assert.equal(seen.degraded(), undefined);
});

test("Consul killed and back empty: nobody is dropped before all had time to register again", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  await agent.register(orders("a", 7201));
  await agent.register(orders("b", 7202));
  const seen = follow(t, agent.address, { grace: 15_000 });
  await until("both are known", () => seen.ids() === "a b");
  await agent.kill();
  await until("the loss is noticed", () => /does not answer/.test(seen.degraded() ?? ""));
  assert.equal(seen.ids(), "a b");
  await agent.start();
  const took = await until("the empty Consul is noticed", () => /vouch for 2/.test(seen.degraded() ?? ""));
  t.diagnostic(`the empty Consul was asked ${took.toFixed(0)} ms after it led`);
  await sleep(500);
  assert.equal(seen.ids(), "a b");
  await agent.register({ ...orders("a", 7201), status: "critical" });
  await sleep(200);
  assert.equal(seen.ids(), "a b", "a fresh check begins critical");
  await agent.report("a", "pass");
  await agent.register(orders("b", 7202));
  await until("all is well again", () => seen.degraded() === undefined);
  assert.equal(seen.ids(), "a b");
  await agent.deregister("b");
  await until("and the list is followed as before", () => seen.ids() === "a");
});

test("all critical at one stroke is doubted for a moment, and then believed", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  await agent.register(orders("a", 7201));
  await agent.register(orders("b", 7202));
  const seen = follow(t, agent.address, { emptyGrace: 3_000 });
  await until("both are known", () => seen.ids() === "a b");
  await agent.maintenance(true);
  await until("it is doubted", () => /at one stroke/.test(seen.degraded() ?? ""));
  assert.equal(seen.ids(), "a b");
  await until("it is believed, without an answer that differs", () => seen.ids() === "");
  assert.equal(seen.degraded(), undefined);
  await agent.maintenance(false);
  await until("and the list is followed as before", () => seen.ids() === "a b");
});

test("an instance that never registers again is given up after the grace", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  await agent.register(orders("a", 7201));
  await agent.register(orders("b", 7202));
  const seen = follow(t, agent.address, { grace: 400, wait: 500 });
  await until("both are known", () => seen.ids() === "a b");
  await agent.kill();
  await agent.start();
  await agent.register(orders("a", 7201));
  await until("the missing one is gone", () => seen.ids() === "a");
  assert.equal(seen.degraded(), undefined);
});

test("a Consul that hangs costs nobody, is noticed, and is followed again when it goes on", async (t) => {
  const agent = await consulAgent(t);
  if (!agent) return;
  await agent.register(orders("a", 7201));
  const seen = follow(t, agent.address, { wait: 500, patience: 1_000 });
  await until("it is known", () => seen.ids() === "a");
  agent.freeze();
  const took = await until("the silence is noticed", () => /timed out/.test(seen.degraded() ?? ""));
  t.diagnostic(`a hung Consul was noticed after ${took.toFixed(0)} ms, with a wait of 500 ms and a patience of 1 s`);
  assert.equal(seen.ids(), "a");
  agent.thaw();
  await until("it answers again", () => seen.degraded() === undefined);
  await agent.register(orders("b", 7202));
  await until("it is followed again", () => seen.ids() === "a b");
});

/** Something that answers like Consul, as the test wants it; counts the questions. */
async function impostor(t: TestContext, answer: (response: ServerResponse, asked: number) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.setHeader("content-type", "application/json");
    answer(response, asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const instance = (id: string) => ({
  Node: { Address: "127.0.0.1" },
  Service: { ID: id, Address: "", Port: 7201 },
  Checks: [{ Status: "passing" }],
});
const good = (response: ServerResponse, index: number) =>
  response.setHeader("x-consul-index", index).end(JSON.stringify([instance("a")]));

const wrong: { name: string; answer: (response: ServerResponse) => void }[] = [
  { name: "an error", answer: (r) => r.writeHead(500).end("No cluster leader") },
  { name: "a denial", answer: (r) => r.writeHead(403).end("Permission denied") },
  { name: "no list", answer: (r) => r.setHeader("x-consul-index", 9).end(`{"a":1}`) },
  { name: "no JSON", answer: (r) => r.setHeader("x-consul-index", 9).end("[{") },
  { name: "no body", answer: (r) => r.setHeader("x-consul-index", 9).end() },
  { name: "no index", answer: (r) => r.end("[]") },
  { name: "an index that is no number", answer: (r) => r.setHeader("x-consul-index", "new").end("[]") },
  {
    name: "nobody, from a server that has no leader",
    answer: (r) => r.setHeader("x-consul-index", 9).setHeader("x-consul-knownleader", "false").end("[]"),
  },
  {
    name: "a list that the token may not read",
    answer: (r) => r.setHeader("x-consul-index", 9).setHeader("x-consul-results-filtered-by-acls", "true").end("[]"),
  },
  { name: "half an answer", answer: (r) => r.setHeader("content-length", 99).write("[", () => r.destroy()) },
];
for (const { name, answer } of wrong)
  test(`${name} instead of an answer costs nobody`, async (t) => {
    const { address, asked } = await impostor(t, (r, times) => (times === 1 ? good(r, 5) : answer(r)));
    const seen = follow(t, address, { wait: 200 });
    await until("it is degraded", () => seen.degraded() !== undefined);
    const since = performance.now();
    await until("it has asked again", () => asked.length >= 4);
    assert.equal(seen.ids(), "a");
    // The first two come at once, and each pause from then on is at least as long as the first may be.
    const most = 4 + (performance.now() - since) / 50;
    assert.ok(asked.length <= most, `asked ${asked.length} times, and ${most} at most`);
    for (const again of asked.slice(2)) assert.match(again, /index=0&/, "after an error it begins anew");
  });

test("an answer that comes at once every time does not make the loop spin", async (t) => {
  const { address, asked } = await impostor(t, (response) => good(response, 5));
  follow(t, address);
  await until("the first question", () => asked.length > 0);
  const since = performance.now();
  await sleep(1_000);
  // Five at once, and ten in a second.
  const most = 6 + (performance.now() - since) / 100;
  assert.ok(asked.length > 5 && asked.length <= most, `asked ${asked.length} times, and ${most} at most`);
});

test("an index of zero is never sent back, an index that went back is asked for anew", async (t) => {
  const indexes = [0, 50, 7, 7];
  const { address, asked } = await impostor(t, (r, times) => void good(r, indexes[times - 1] ?? 7));
  follow(t, address);
  await until("five questions", () => asked.length >= 5);
  const sent = asked.slice(0, 5).map((url) => new URL(url, address).searchParams.get("index"));
  assert.deepEqual(sent, ["0", "1", "50", "0", "7"]);
});

test("an empty list with an index that went back is no deregistration", async (t) => {
  const { address } = await impostor(t, (r, times) => {
    if (times === 1) good(r, 50);
    else r.setHeader("x-consul-index", 7).end("[]");
  });
  const seen = follow(t, address);
  await until("it is degraded", () => /vouch/.test(seen.degraded() ?? ""));
  assert.equal(seen.ids(), "a");
});

test("every line names the upstream, and leaves the name of the process alone", async (t) => {
  const { address } = await impostor(t, (r, times) => void (times === 2 ? r.writeHead(500).end() : good(r, times)));
  const client = createConsulClient(address);
  const logger = keepingLogger([], { service: "routing-gateway" });
  const watch = consulDiscovery(client, { logger }).watch("orders", () => {});
  t.after(() => {
    watch.close();
    client.close();
  });
  await until("it has come, gone and come again", () => logger.lines.length === 3);
  const names = logger.lines.map(({ fields }) => `${String(fields["service"])} of ${String(fields["upstream"])}`);
  assert.deepEqual([...new Set(names)], ["routing-gateway of orders"]);
});
