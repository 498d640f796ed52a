import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { directoryWith, until } from "@tandem/platform/testing";
import { consulSchema, type DiscoveryOptions } from "@tandem/upstream/discovery/config";
import { openDiscoveries } from "./discoveries.ts";

const instance = (id: string, port: number, tags: string[]) => ({
  Node: { Address: "127.0.0.1" },
  Service: { ID: id, Address: "", Port: port, Tags: tags },
  Checks: [{ Status: "passing" }],
});

/** Something that answers like Consul: at once the first time, and then it waits. */
async function registry(t: TestContext) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://consul");
    if (searchParams.get("index") !== "0") return;
    asked.push([pathname.split("/").at(-1), searchParams.get("dc")].filter(Boolean).join(" in "));
    const entries = searchParams.get("dc") === "dc1" ? [] : [instance("a", 1, ["v1"]), instance("b", 2, ["v2"])];
    response.setHeader("content-type", "application/json").setHeader("x-consul-index", 5).end(JSON.stringify(entries));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => void server.once("listening", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("services that ask for the same share one question, whatever part of the answer each wants", async (t) => {
  const { asked, address } = await registry(t);
  const directory = directoryWith(t, {});
  const discoveries = openDiscoveries({
    consul: consulSchema.parse({ address }),
    snapshots: { directory, maxAge: 60_000 },
    logger: silentLogger,
  });
  const told: Record<string, string> = {};
  const open = (name: string, service: string, options: DiscoveryOptions): void => {
    const watch = discoveries.of(options).watch(service, (list) => (told[name] = list.map(({ id }) => id).join(" ")));
    t.after(() => watch.close());
  };
  t.after(() => discoveries.close());
  open("all", "orders", { discovery: "consul" });
  open("stable", "orders", { discovery: "consul", tags: ["v1"] });
  open("canary", "orders", { discovery: "consul", tags: ["v2"] });
  open("abroad", "orders", { discovery: "consul", datacenters: ["dc1", "dc2"], tags: ["v1"] });
  open("fixed", "fixed", { discovery: "static", instances: [{ id: "s", origin: "http://127.0.0.1:9", weight: 1 }] });
  await until("all are told", () => Object.keys(told).length === 5);
  assert.deepEqual(told, { all: "a b", stable: "a", canary: "b", abroad: "a", fixed: "s" });
  assert.deepEqual(asked.toSorted(), ["orders", "orders in dc1", "orders in dc2"]);
  await until("each answer has its file", () => readdirSync(directory).length === 3);
});
