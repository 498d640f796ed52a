import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, type Answer } from "@tandem/platform/testing";
import { createOrders } from "./orders.ts";
import { demo } from "./testing.ts";

const order = (port: number, body: string, type = "application/json"): Promise<Answer> =>
  ask(port, "/orders", { method: "POST", headers: { "content-type": type }, body });

test("an order that is placed can be read again", async (t) => {
  const { port } = await demo(t, createOrders());
  const placed = await order(port, '{"item":"bell","quantity":2}', "application/json; charset=utf-8");
  assert.equal(placed.status, 201);
  assert.equal(placed.json.takenBy, "orders-test");
  assert.equal(placed.headers["location"], `/orders/${placed.json.id}`);
  assert.deepEqual((await ask(port, `/orders/${placed.json.id}`)).json, placed.json);
  assert.equal((await ask(port, "/orders/none")).status, 404);
});

test("two instances of one process know the same orders", async (t) => {
  const orders = createOrders();
  const [one, other] = [await demo(t, orders), await demo(t, orders)];
  const { json } = await order(one.port, '{"item":"bell","quantity":2}');
  assert.equal((await ask(other.port, `/orders/${json.id}`)).status, 200);
});

test("the oldest orders are forgotten", async (t) => {
  let id = 0;
  const { port } = await demo(t, createOrders({ most: 3, nextId: () => String(++id) }));
  for (let count = 0; count < 4; count++) await order(port, '{"item":"bell","quantity":1}');
  const { json } = await ask(port, "/orders");
  assert.deepEqual(
    json.orders.map((known: { id: string }) => known.id),
    ["2", "3", "4"],
  );
});

const refused = [
  { name: "a body that is no JSON", body: "{", status: 400 },
  { name: "an empty body", body: "", status: 400 },
  { name: "a list", body: "[]", status: 422 },
  { name: "null", body: "null", status: 422 },
  { name: "no item", body: '{"quantity":1}', status: 422 },
  { name: "an item with a strange id", body: '{"item":"../bell","quantity":1}', status: 422 },
  { name: "no quantity", body: '{"item":"bell"}', status: 422 },
  { name: "a quantity of none", body: '{"item":"bell","quantity":0}', status: 422 },
  { name: "half a bell", body: '{"item":"bell","quantity":0.5}', status: 422 },
  { name: "a quantity in words", body: '{"item":"bell","quantity":"1"}', status: 422 },
  { name: "an unknown member", body: '{"item":"bell","quantity":1,"price":0}', status: 422 },
  { name: "a body beyond all measure", body: `{"item":"${"x".repeat(20_000)}"}`, status: 413 },
  { name: "a form", body: "item=bell", type: "application/x-www-form-urlencoded", status: 415 },
];
for (const { name, body, type, status } of refused) {
  test(`${name} is no order`, async (t) => {
    const { port } = await demo(t, createOrders());
    const answer = await order(port, body, type);
    assert.equal(answer.status, status);
    assert.equal(typeof answer.json.error, "string");
  });
}
