import assert from "node:assert/strict";
import { test } from "node:test";
import { findRoute } from "./route-table.ts";
import type { RouteTable } from "./service.ts";

const nothing = (): void => {};
const table: RouteTable = {
  "/orders": { GET: nothing, POST: nothing },
  "/orders/:id": { GET: nothing },
  "/echo/slow": { "*": nothing },
  "/echo/**": { "*": nothing },
};

const found = [
  { method: "GET", path: "/orders", pattern: "/orders", id: "" },
  { method: "HEAD", path: "/orders", pattern: "/orders", id: "" },
  { method: "GET", path: "/orders/7", pattern: "/orders/:id", id: "7" },
  { method: "PATCH", path: "/echo/slow", pattern: "/echo/slow", id: "" },
  { method: "GET", path: "/echo", pattern: "/echo/**", id: "" },
  { method: "GET", path: "/echo/a/b/", pattern: "/echo/**", id: "" },
];
for (const { method, path, pattern, id } of found) {
  test(`${method} ${path} is ${pattern}`, () => {
    const route = findRoute(table, method, path);
    assert.deepEqual([route.pattern, route.id], [pattern, id]);
  });
}

const refused = [
  { method: "GET", path: "/", status: 404 },
  { method: "GET", path: "/order", status: 404 },
  { method: "GET", path: "/orders/", status: 404 },
  { method: "GET", path: "/orders/7/lines", status: 404 },
  { method: "DELETE", path: "/orders", status: 405, allow: "GET, POST" },
  { method: "POST", path: "/orders/7", status: 405, allow: "GET" },
];
for (const { method, path, status, allow } of refused) {
  test(`${method} ${path} is refused with ${status}`, () =>
    assert.throws(() => findRoute(table, method, path), { status, headers: allow ? { allow } : {} }));
}
