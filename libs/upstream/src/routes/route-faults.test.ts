import assert from "node:assert/strict";
import { test } from "node:test";
import type { RouteMatch, RouteOptions } from "./config.ts";
import { routeFaults } from "./route-faults.ts";

const route = (name: string, match: RouteMatch, service = "orders"): RouteOptions => ({ name, match, service });
const services = { orders: {}, catalog: {} };
const catalog = route("catalog", { path: "/catalog/**" }, "catalog");

const cases: { name: string; routes: RouteOptions[]; faults: Record<string, RegExp>; suggestion?: string }[] = [
  {
    name: "sound routes have no fault",
    routes: [
      catalog,
      route("read", { path: "/orders/**", methods: ["GET"] }),
      route("write", { path: "/orders/**", methods: ["POST"] }),
      route("rest", { path: "/orders/**" }),
      route("one", { path: "/orders/{id}", methods: ["GET"] }),
      route("host", { path: "/orders/**", methods: ["GET"], host: "api.example.com" }),
    ],
    faults: {},
  },
  {
    name: "two routes of one name",
    routes: [catalog, route("a", { path: "/a" }), route("a", { path: "/b" })],
    faults: { "routes.2.name": /named a already/ },
  },
  {
    name: "a service that is not there, with the one that was meant",
    routes: [catalog, route("a", { path: "/a" }), route("b", { path: "/b" }, "order")],
    faults: { "routes.2.service": /no service order/ },
    suggestion: "orders",
  },
  {
    name: "a service that nobody uses",
    routes: [catalog],
    faults: { "services.orders": /no route leads to/ },
  },
  {
    name: "the same pattern twice",
    routes: [catalog, route("a", { path: "/a" }), route("b", { path: "/a" })],
    faults: { "routes.2.match.path": /the route a takes \/a already$/ },
  },
  {
    name: "the same pattern under other names of its parameters",
    routes: [catalog, route("a", { path: "/a/{id}" }), route("b", { path: "/a/*" })],
    faults: { "routes.2.match.path": /the route a takes \/a\/\* already as \/a\/\{id\}/ },
  },
  {
    name: "one method of several that another route has",
    routes: [
      catalog,
      route("a", { path: "/a", methods: ["GET"] }),
      route("b", { path: "/a", methods: ["POST", "GET"] }),
    ],
    faults: { "routes.2.match.path": /the route a takes GET \/a already/ },
  },
  {
    name: "one of a list of paths",
    routes: [catalog, route("a", { path: "/a" }), route("b", { path: ["/b", "/a"] })],
    faults: { "routes.2.match.path.1": /the route a takes/ },
  },
  {
    name: "a path that a route names twice",
    routes: [catalog, route("a", { path: ["/a/{x}", "/a/{y}"] })],
    faults: { "routes.1.match.path.1": /this very route takes/ },
  },
  {
    name: "the same path on the same host, and only there",
    routes: [
      catalog,
      route("a", { path: "/a", host: "*.example.com" }),
      route("b", { path: "/a", host: "example.com" }),
      route("c", { path: "/a", host: "*.example.com" }),
    ],
    faults: { "routes.3.match.path": /the route a takes/ },
  },
  {
    name: "a prefix of which more specific routes leave nothing",
    routes: [
      catalog,
      route("below", { path: "/a/*/**" }),
      route("self", { path: "/a" }),
      route("dead", { path: "/a/**", methods: ["GET"] }),
    ],
    faults: { "routes.3.match.path": /\/a and \/a\/\*\/\*\* take all/ },
  },
  {
    name: "a prefix of which more specific routes leave a method is sound",
    routes: [
      catalog,
      route("below", { path: "/a/*/**", methods: ["GET"] }),
      route("self", { path: "/a" }),
      route("alive", { path: "/a/**", methods: ["GET", "POST"] }),
    ],
    faults: {},
  },
];
for (const { name, routes, faults, suggestion } of cases)
  test(name, () => {
    const found = routeFaults(routes, services);
    assert.deepEqual(
      found.map(({ path }) => path.join(".")),
      Object.keys(faults),
      JSON.stringify(found),
    );
    for (const { path, message } of found) assert.match(message, faults[path.join(".")] ?? /nothing/);
    if (suggestion) assert.equal(found[0]?.suggestion, suggestion);
  });

test("ten thousand routes are checked in less than a second", () => {
  const routes = Array.from({ length: 10_000 }, (_, n) => route(`r${n}`, { path: `/s${n}/{id}`, methods: ["GET"] }));
  const start = performance.now();
  assert.deepEqual(routeFaults([catalog, ...routes], services), []);
  assert.ok(performance.now() - start < 1_000, `${performance.now() - start} ms`);
});
