import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { exchangeOf } from "@tandem/kernel/testing";
import { createRouteTable } from "./route-table.ts";
import { matchRoute } from "./stage.ts";

const stage = matchRoute(
  createRouteTable([
    {
      name: "orders-read",
      service: "orders",
      allow: { kind: "scopes", scopes: ["orders:read"] },
      match: { path: "/orders/**", methods: ["GET"] },
    },
  ]),
);

test("the route stands in the exchange and in the record", () => {
  const { exchange } = exchangeOf({ path: "/orders/7?expand=lines" });
  assert.equal(stage.run(exchange), undefined, "without waiting");
  assert.deepEqual(exchange.route, {
    name: "orders-read",
    service: "orders",
    allow: { kind: "scopes", scopes: ["orders:read"] },
  });
  assert.equal(exchange.pattern?.text, "/orders/**");
  assert.equal(exchange.record.route, "orders-read");
});

test("a path that no route knows is a 404", () => {
  const { exchange } = exchangeOf({ path: "/order" });
  assert.throws(() => stage.run(exchange), { code: "route.unknown", status: 404 });
  assert.equal(exchange.route, undefined);
});

for (const method of ["POST", "OPTIONS", "DELETE", "PROPFIND"])
  test(`${method} where only GET leads is a 405 that says so`, () => {
    const { exchange } = exchangeOf({ path: "/orders", method });
    assert.throws(
      () => stage.run(exchange),
      (error) => {
        assert.ok(error instanceof GatewayError);
        assert.deepEqual([error.code, error.status, error.headers], ["route.method", 405, { allow: "GET, HEAD" }]);
        return true;
      },
    );
  });
