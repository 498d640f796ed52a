import assert from "node:assert/strict";
import { test } from "node:test";
import { servicesSchema } from "./config.ts";

test("a service has discovery, balance and times, each with its default", () => {
  const { orders } = servicesSchema.parse({ orders: { discovery: "consul" } });
  assert.equal(orders?.discovery, "consul");
  assert.equal(orders?.balance, "round-robin");
  assert.ok(orders && orders.timeout > 0 && orders.connectTimeout > 0);
  assert.equal(servicesSchema.parse({ o: { discovery: "consul", timeout: "3s" } })["o"]?.timeout, 3_000);
});

test("a service with a balance that nobody knows is refused", () => {
  assert.equal(servicesSchema.safeParse({ orders: { discovery: "consul", balance: "random" } }).success, false);
  assert.equal(servicesSchema.safeParse({ "or/ders": { discovery: "consul" } }).success, false);
});

test("HTTP/2 in clear text is refused where it is asked for, at an instance or for all of them", () => {
  const service = { discovery: "static", protocol: "h2", instances: ["https://127.0.0.1:1", "http://127.0.0.1:2"] };
  const { error } = servicesSchema.safeParse({ orders: service });
  assert.deepEqual(error?.issues[0]?.path, ["orders", "instances", 1]);
  assert.equal(servicesSchema.safeParse({ orders: { ...service, protocol: "http1" } }).success, true);
  const found = { discovery: "dns", type: "srv", name: "_orders._tcp.example.test", scheme: "http", protocol: "h2" };
  assert.deepEqual(servicesSchema.safeParse({ orders: found }).error?.issues[0]?.path, ["orders", "scheme"]);
  assert.equal(servicesSchema.safeParse({ orders: { ...found, scheme: "https" } }).success, true);
});
