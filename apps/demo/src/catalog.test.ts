import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "@tandem/platform/testing";
import { catalog } from "./catalog.ts";
import { demo } from "./testing.ts";

test("the catalog lists its items, and says which instance answered", async (t) => {
  const { port } = await demo(t, catalog);
  const answer = await ask(port, "/catalog/items");
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["x-demo-instance"], "catalog-test");
  assert.ok(answer.json.items.length >= 3);
});

test("an item is found by its id", async (t) => {
  const { port } = await demo(t, catalog);
  assert.equal((await ask(port, "/catalog/items/tandem")).json.name, "Touring tandem");
  const missing = await ask(port, "/catalog/items/unicycle");
  assert.equal(missing.status, 404);
  assert.match(missing.json.error, /unicycle/);
});

test("HEAD answers like GET, without the body", async (t) => {
  const { port } = await demo(t, catalog);
  const answer = await ask(port, "/catalog/items", { method: "HEAD" });
  assert.deepEqual([answer.status, answer.text], [200, ""]);
});

test("the catalog cannot be written", async (t) => {
  const { port } = await demo(t, catalog);
  const answer = await ask(port, "/catalog/items", { method: "POST", body: "{}" });
  assert.deepEqual([answer.status, answer.headers["allow"]], [405, "GET"]);
});

test("another service's path is unknown, and names the instance all the same", async (t) => {
  const { port } = await demo(t, catalog);
  const answer = await ask(port, "/orders");
  assert.deepEqual([answer.status, answer.headers["x-demo-instance"]], [404, "catalog-test"]);
});
