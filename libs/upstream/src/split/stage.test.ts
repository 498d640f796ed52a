import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { createGateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { RequestRecord } from "@tandem/kernel/record";
import type { Stage } from "@tandem/kernel/stage";
import { exchangeOf, serve } from "@tandem/kernel/testing";
import { ask, until } from "@tandem/platform/testing";
import { WebSocket, WebSocketServer } from "ws";
import { instanceAt, poolOf, upstream } from "../exchange/testing.ts";
import type { Instance } from "../pool/instance.ts";
import { createHops, type ProxiedService } from "../proxy/hops.ts";
import { proxy } from "../proxy/stage.ts";
import type { SplitOptions } from "./config.ts";
import { compileSplits } from "./splits.ts";
import { split } from "./stage.ts";

const options = { connectTimeout: 10_000, timeout: 10_000, idleTimeout: 10_000 };
const serviceOf = (instance: Instance): ProxiedService => ({
  pool: poolOf([instance]),
  options,
});

/** Serves one route that is shared out among these services; gives the port and the records. */
async function splitting(t: TestContext, instances: Readonly<Record<string, Instance>>, shared: SplitOptions) {
  const records: RequestRecord[] = [];
  const hops = createHops(new Map(Object.entries(instances).map(([name, instance]) => [name, serviceOf(instance)])));
  const routing: Stage = {
    name: "routing",
    run: (exchange) => void (exchange.route = { name: "shop", allow: { kind: "anyone" } }),
  };
  const splits = compileSplits([{ name: "shop", split: shared }, { name: "other" }], () => 0.95);
  const stages = [hygiene({ from: "strangers" }), routing, split(splits), proxy({ hops })];
  const gateway = createGateway(stages, { prelude: [], observers: [(record) => void records.push(record)] });
  return { port: await serve(t, gateway), records };
}

const among: SplitOptions["among"] = [
  { service: "stable", weight: 10 },
  { service: "next", weight: 90, when: { header: { name: "x-canary", value: "yes" } } },
];

test("the service that was chosen is asked, and stands in the record", async (t) => {
  const instances: Record<string, Instance> = {};
  for (const name of ["stable", "next"])
    instances[name] = instanceAt(t, await upstream(t, (_, response) => response.end(name)));
  const { port, records } = await splitting(t, instances, { by: { header: "x-cart" }, among });
  assert.equal((await ask(port, "/")).text, "next");
  assert.equal((await ask(port, "/", { headers: { "x-canary": "yes" } })).text, "next");
  const seen = new Set<string>();
  for (let cart = 0; cart < 40; cart++) {
    const asked = { headers: { "x-cart": String(cart) } };
    const { text } = await ask(port, "/", asked);
    assert.equal((await ask(port, "/", asked)).text, text);
    seen.add(text);
  }
  assert.deepEqual(seen, new Set(["stable", "next"]));
  await until("all are recorded", () => records.length === 82);
  assert.equal(records[0]!.attempts[0]!.target, "next");
});

test("a websocket is shared out like any other request", async (t) => {
  const webSockets = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(webSockets, "listening");
  webSockets.on("connection", (socket) => socket.send("next"));
  t.after(() => {
    for (const socket of webSockets.clients) socket.terminate();
    webSockets.close();
  });
  const { port: upstreamPort } = webSockets.address() as { port: number };
  const stable = instanceAt(t, await upstream(t, (_, response) => response.end("stable")));
  const next = instanceAt(t, `http://127.0.0.1:${upstreamPort}`);
  const { port } = await splitting(t, { stable, next }, { by: undefined, among });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { "x-canary": "yes" } });
  assert.equal(String((await once(socket, "message"))[0]), "next");
  socket.terminate();
});

test("a route with one service is left alone", () => {
  const { exchange } = exchangeOf();
  void split(compileSplits([{ name: "one" }])).run(exchange);
  exchange.route = { name: "one", service: "orders", allow: { kind: "anyone" } };
  void split(compileSplits([{ name: "one" }])).run(exchange);
  assert.equal(exchange.service, undefined);
});
