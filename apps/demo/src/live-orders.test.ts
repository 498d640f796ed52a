import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, type Answer } from "@tandem/platform/testing";
import type { WebSocket } from "ws";
import { createLiveOrders } from "./live-orders.ts";
import type { Order } from "./order.ts";
import { createOrders } from "./orders.ts";
import type { Service } from "./service.ts";
import { demo, openSocket } from "./testing.ts";

const live = (port: number): string => `ws://127.0.0.1:${port}/orders/live`;

const place = (port: number): Promise<Answer> =>
  ask(port, "/orders", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"item":"bell","quantity":2}',
  });

const large: Order = { id: "1", item: "x".repeat(256 * 1024), quantity: 1, takenBy: "a test" };

test("a listener is first told what there is, and by which instance", async (t) => {
  const { port } = await demo(t, createOrders());
  const { json } = await place(port);
  const { next } = await openSocket(t, live(port));
  const first = JSON.parse((await next())[0]);
  assert.equal(first.instance, "orders-test");
  assert.deepEqual(first.orders.at(-1), json);
  assert.deepEqual(first.orders, (await ask(port, "/orders")).json.orders);
});

test("an order is told to every listener, whichever instance took it, and once", async (t) => {
  const orders = createOrders();
  const [one, other] = [await demo(t, orders), await demo(t, orders, { instance: "orders-other" })];
  const listeners = [await openSocket(t, live(one.port)), await openSocket(t, live(other.port))];
  for (const { next } of listeners) await next();
  const taken = [(await place(one.port)).json, (await place(other.port)).json];
  assert.deepEqual([taken[0].takenBy, taken[1].takenBy], ["orders-test", "orders-other"]);
  for (const { next } of listeners)
    assert.deepEqual([JSON.parse((await next())[0]), JSON.parse((await next())[0])], taken);
});

test("an order that was refused is told to nobody", async (t) => {
  const { port } = await demo(t, createOrders());
  const { next } = await openSocket(t, live(port));
  await next();
  assert.equal((await ask(port, "/orders", { method: "POST", body: "{}" })).status, 415);
  const { json } = await place(port);
  assert.equal(JSON.parse((await next())[0]).id, json.id);
});

test("closing an instance says goodbye to its listeners; those of the other go on listening", async (t) => {
  const orders = createOrders();
  const [one, other] = [await demo(t, orders), await demo(t, orders)];
  const [leaving, staying] = [await openSocket(t, live(one.port)), await openSocket(t, live(other.port))];
  await staying.next();
  await one.close(AbortSignal.timeout(5000));
  assert.equal(await leaving.closed, 1001);
  const { json } = await place(other.port);
  assert.deepEqual(JSON.parse((await staying.next())[0]), json);
});

test("a request that is no WebSocket is told to become one", async (t) => {
  const { port } = await demo(t, createOrders());
  const { status, headers, json } = await ask(port, "/orders/live");
  assert.deepEqual([status, headers["upgrade"]], [426, "websocket"]);
  assert.match(json.error, /WebSocket/);
});

/** Live orders behind a real server, with the server's ends of the sockets. */
function observed(mostWaiting: number) {
  const orders = createLiveOrders(() => [], { mostWaiting });
  const ends: WebSocket[] = [];
  const service: Service = {
    name: "orders",
    routes: {},
    sockets: {
      "/orders/live": (call) => {
        ends.push(call.client);
        orders.listen(call);
      },
    },
  };
  return { orders, ends, service };
}

test("a listener that vanished is told nothing any more", async (t) => {
  const { orders, ends, service } = observed(1024);
  const { port } = await demo(t, service);
  const [vanishing, staying] = [await openSocket(t, live(port)), await openSocket(t, live(port))];
  await staying.next();
  const [end] = ends;
  assert.ok(end);
  const sent = t.mock.method(end, "send");
  const noticed = new Promise((resolve) => end.once("close", resolve));
  vanishing.client.terminate();
  await noticed;
  orders.tell({ ...large, item: "bell" });
  assert.equal(JSON.parse((await staying.next())[0]).item, "bell");
  assert.equal(sent.mock.callCount(), 0);
});

test("a listener that does not read is cut off, and holds up nobody", async (t) => {
  const { orders, ends, service } = observed(1024 * 1024);
  const { port } = await demo(t, service);
  const [slow, brisk] = [await openSocket(t, live(port)), await openSocket(t, live(port))];
  await Promise.all([slow.next(), brisk.next()]);
  slow.client.pause();
  const end = ends[0];
  assert.ok(end);
  let most = 0;
  let told = 0;
  for (; end.readyState === end.OPEN && told < 200; told++) {
    orders.tell(large);
    most = Math.max(most, end.bufferedAmount);
    await brisk.next();
  }
  assert.ok(told < 200, "it was never cut off");
  assert.ok(most < 2 * 1024 * 1024, `${most} bytes waited for it`);
  slow.client.resume();
  assert.equal(await slow.closed, 1006);
  orders.tell({ ...large, item: "bell" });
  assert.equal(JSON.parse((await brisk.next())[0]).item, "bell");
});
