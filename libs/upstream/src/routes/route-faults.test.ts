import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf } from "@tandem/platform/cost-of.testing";
import type { RouteMatch, RouteOptions } from "./config.ts";
import { routeFaults } from "./route-faults.ts";

const route = (name: string, match: RouteMatch, service = "orders"): RouteOptions => ({ name, match, service });
const body = { pointer: "/v", is: "1", limit: 10 };
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
  {
    name: "routes that differ by what they ask beyond their path are sound",
    routes: [
      catalog,
      route("any", { path: "/a" }),
      route("one", { path: "/a", headers: { v: "1" } }),
      route("two", { path: "/a", headers: { v: ["2", "3"] } }),
      route("gone", { path: "/a", headers: { v: { present: false } } }),
      route("there", { path: "/a", headers: { v: { present: true } } }),
      route("client", { path: "/a", client: "app" }),
      route("audience", { path: "/a", audience: "app" }),
      route("body", { path: "/a", body: { pointer: "/v", is: "1", limit: 10 } }),
      route("longer", { path: "/a", body: { pointer: "/v", is: "1", limit: 11 } }),
    ],
    faults: {},
  },
  {
    name: "the same conditions twice",
    routes: [
      catalog,
      route("a", { path: "/a", headers: { v: "1" }, query: { q: "x" }, client: "c" }),
      route("b", { path: "/a", query: { q: "x" }, client: "c", headers: { v: "1" } }),
    ],
    faults: {
      "routes.2.match.path": /the route a takes \/a with header v = 1, query q = x, client = c already$/,
    },
  },
  {
    name: "conditions of which an earlier route takes all",
    routes: [
      catalog,
      route("list", { path: "/a", headers: { v: ["1", "2"] } }),
      route("one", { path: "/a", headers: { v: "2" } }),
      route("prefix", { path: "/b", query: { v: { prefix: "a" } } }),
      route("longer", { path: "/b", query: { v: { prefix: "ab" } } }),
      route("whole", { path: "/b", query: { v: ["ab", "ac"] } }),
      route("here", { path: "/c", body: { pointer: "/v", is: ["1", "2"], limit: 20 } }),
      route("less", { path: "/c", body: { pointer: "/v", is: "1", limit: 10 } }),
    ],
    faults: {
      "routes.2.match.path": /the route list takes/,
      "routes.4.match.path": /the route prefix takes/,
      "routes.5.match.path": /the route prefix takes/,
      "routes.7.match.path": /the route here takes/,
    },
  },
  {
    name: "one of several hosts",
    routes: [
      catalog,
      route("a", { path: "/a", host: "a.test" }),
      route("b", { path: "/a", host: ["b.test", "a.test"] }),
    ],
    faults: { "routes.2.match.path": /the route a takes \/a on a\.test already/ },
  },
  {
    name: "a prefix of which routes that ask for less leave nothing",
    routes: [
      catalog,
      route("below", { path: "/a/*/**", client: "c" }),
      route("self", { path: "/a" }),
      route("dead", { path: "/a/**", client: "c", headers: { v: "1" } }),
      route("alive", { path: "/a/**", client: "d" }),
    ],
    faults: { "routes.3.match.path": /take all/ },
  },
  {
    name: "headers that never get here",
    routes: [
      catalog,
      route("host", { path: "/a", headers: { host: "a.test" } }),
      route("credential", { path: "/b", headers: { authorization: { present: true } } }),
      route("ours", { path: "/c", headers: { "tandem-client": "a", "x-user": "a", connection: "close" } }),
      route("fine", { path: "/d", headers: { cookie: "a=b", "content-length": "0", "user-agent": { prefix: "a" } } }),
    ],
    faults: {
      "routes.1.match.headers.host": /no request has the header host/,
      "routes.2.match.headers.authorization": /authorization/,
      "routes.3.match.headers.tandem-client": /tandem-client/,
      "routes.3.match.headers.x-user": /x-user/,
      "routes.3.match.headers.connection": /connection/,
    },
  },
  {
    name: "a body that is JSON under a content type that is not",
    routes: [
      catalog,
      ...["text/plain", { prefix: "text/" }, { present: false }].map((type, at) =>
        route(`dead-${at}`, { path: `/d${at}`, headers: { "content-type": type }, body }),
      ),
      ...["application/json", { prefix: "Application/vnd" }, { present: true }].map((type, at) =>
        route(`alive-${at}`, { path: `/a${at}`, headers: { "content-type": type }, body }),
      ),
    ],
    faults: { "routes.1.match.body": /never JSON/, "routes.2.match.body": /JSON/, "routes.3.match.body": /JSON/ },
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

test("ten thousand routes are checked at a cost in proportion to a thousand", (t) => {
  const cost = (count: number, times: number): number => {
    const routes = Array.from({ length: count }, (_, n) => route(`r${n}`, { path: `/s${n}/{id}`, methods: ["GET"] }));
    const check = (): void => {
      for (let time = 0; time < times; time++) assert.deepEqual(routeFaults([catalog, ...routes], services), []);
    };
    return costOf(check, { times: 3 });
  };
  // As many routes in all, so that a busy machine slows both alike.
  const [few, many] = [cost(1_000, 10), cost(10_000, 1)];
  t.diagnostic(`${few.toFixed(0)} ms for ten times 1 000, ${many.toFixed(0)} ms for 10 000`);
  assert.ok(many < few * 4 + 100, `${many} ms against ${few} ms`);
});

test("ten thousand routes at one path are checked as well, by whatever they differ", () => {
  const differing: ((n: number) => Partial<RouteMatch>)[] = [
    (n) => ({ headers: { v: "1", tenant: `t${n}` } }),
    (n) => ({ query: { v: [`${n}`, `also-${n}`] } }),
    (n) => ({ client: `c${n}` }),
  ];
  for (const by of differing) {
    const routes = Array.from({ length: 10_000 }, (_, n) => route(`r${n}`, { path: "/a", ...by(n) }));
    assert.deepEqual(routeFaults([catalog, ...routes], services), []);
  }
});

test("more than 128 routes that only trial tells apart are refused", () => {
  const routes = Array.from({ length: 129 }, (_, n) =>
    route(`r${n}`, { path: "/a", headers: { v: { prefix: `${n}-` } } }),
  );
  assert.deepEqual(routeFaults([catalog, ...routes.slice(1)], services), []);
  const [fault, ...more] = routeFaults([catalog, ...routes], services);
  assert.deepEqual([fault?.path.join("."), more], ["routes.129.match.path", []]);
  assert.match(fault?.message ?? "", /more than 128 routes at \/a/);
});

test("a header that this configuration keeps for the gateways is none to match", () => {
  const routes = [catalog, route("a", { path: "/a", headers: { "x-team": "a" } })];
  assert.deepEqual(routeFaults(routes, services), []);
  assert.equal(routeFaults(routes, services, ["x-team"]).length, 1);
});
