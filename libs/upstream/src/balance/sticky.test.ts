import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import type { Instance } from "../pool/instance.ts";
import { roundRobin } from "./round-robin.ts";
import { stickySessions, type StickyOptions } from "./sticky.ts";
import { alike, asking } from "./testing.ts";

/** A client that keeps the cookies it is given, and what it is told at each request. */
function client(options: StickyOptions, service = "orders") {
  const { over, keepBack, answered } = stickySessions(options, service);
  const balance = over(roundRobin({ random: () => 0 }));
  let jar = "";
  return {
    choose: (instances: readonly Instance[], { cookie = jar, tried = [] as Instance[], https = true } = {}) => {
      const { exchange } = exchangeOf({ rawHeaders: cookie === "" ? [] : ["cookie", cookie] });
      exchange.request.scheme = https ? "https" : "http";
      const chosen = balance(instances)(exchange, tried)!;
      keepBack(exchange);
      answered(exchange, chosen);
      const [, set] = exchange.reply.added;
      if (set !== undefined) jar = set.slice(0, set.indexOf(";"));
      return { chosen, set, told: exchange.outgoing.applyTo(exchange.request.headers) };
    },
  };
}

test("a session stays with the instance that answered first", () => {
  const instances = alike(3);
  const { choose } = client({ cookie: "s" });
  const first = choose(instances);
  assert.match(first.set!, /^s=[\w-]{16}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  for (let turn = 0; turn < 5; turn++) {
    const next = choose(instances);
    assert.deepEqual([next.chosen, next.set], [first.chosen, undefined]);
  }
});

test("a client without TLS gets a cookie that it can send back, and one with an end what that is", () => {
  const { choose } = client({ cookie: "s", ttl: 90_500 });
  assert.match(choose(alike(1), { https: false }).set!, /^s=[\w-]{16}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=90$/);
});

test("the value is the same at every gateway, another for each service, and names no address", () => {
  const instances = alike(2);
  const values = ["orders", "orders", "catalog"].map(
    (service) => client({ cookie: "s" }, service).choose(instances).set!,
  );
  assert.equal(values[0], values[1]);
  assert.notEqual(values[0], values[2]);
  assert.ok(!values[0]!.includes("10.0"));
});

for (const value of ["forged", "", "10.0.0.1:8080", "x".repeat(4_000), "__proto__", '"'])
  test(`a value that nobody gave, such as "${value.slice(0, 20)}", is ignored and replaced`, () => {
    const instances = alike(2);
    const { chosen, set } = client({ cookie: "s" }).choose(instances, { cookie: `s=${value}` });
    assert.equal(chosen, instances[0]);
    assert.match(set!, /^s=[\w-]{16};/);
  });

test("an instance that is gone is replaced by another, where the session stays then", () => {
  const instances = alike(3);
  const { choose } = client({ cookie: "s" });
  const { chosen: gone } = choose(instances);
  const left = instances.filter((instance) => instance !== gone);
  const moved = choose(left);
  assert.notEqual(moved.chosen, gone);
  assert.match(moved.set!, /^s=/);
  assert.deepEqual([choose(left).chosen, choose(instances).chosen], [moved.chosen, moved.chosen]);
});

test("the instance of a session is not given a second time, and the one that answers instead gets the session", () => {
  const instances = alike(2);
  const { choose } = client({ cookie: "s" });
  const { chosen: first } = choose(instances);
  const second = choose(instances, { tried: [first] });
  assert.notEqual(second.chosen, first);
  assert.match(second.set!, /^s=/);
});

test("before somebody answers no cookie is set", () => {
  const { over } = stickySessions({ cookie: "s" }, "orders");
  const exchange = asking();
  over(roundRobin())(alike(2))(exchange, []);
  assert.deepEqual(exchange.reply.added, []);
});

const passed: { name: string; cookie: string; told: readonly string[] }[] = [
  { name: "it alone", cookie: "s=1", told: [] },
  { name: "it among others", cookie: "a=1; s=2; b=3", told: ["cookie", "a=1; b=3"] },
  { name: "it twice", cookie: "s=1; a=1; s=2", told: ["cookie", "a=1"] },
  { name: "others alone", cookie: "a=1; b=2", told: ["cookie", "a=1; b=2"] },
];
for (const { name, cookie, told } of passed)
  test(`the service does not get to see the gateway's cookie: ${name}`, () => {
    assert.deepEqual(client({ cookie: "s" }).choose(alike(2), { cookie }).told, told);
  });

test("cookies that the route has taken away do not come back", () => {
  const exchange = asking({ cookie: "a=1; s=2" });
  exchange.outgoing.drop("cookie");
  stickySessions({ cookie: "s" }, "orders").keepBack(exchange);
  assert.deepEqual(exchange.outgoing.applyTo(exchange.request.headers), []);
});
