import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { matchPath } from "@tandem/kernel/patterns/path-pattern";
import type { RouteMatch } from "./config.ts";
import { createRouteTable, type Found, type RouteTable } from "./route-table.ts";
import { asking, type TestRequest } from "./testing.ts";

/** Routes written as `name: [METHOD,METHOD] [host]/path[ /path…]`. */
function tableOf(...lines: string[]): RouteTable {
  return createRouteTable(
    lines.map((line) => {
      const [, name = "", methods, host, paths = ""] = /^(\S+): (?:([A-Z,]+) )?([^/\s]*)(\/.*)$/.exec(line) ?? [];
      const match: RouteMatch = {
        path: paths.split(" "),
        ...(methods && { methods: methods.split(",") as NonNullable<RouteMatch["methods"]> }),
        ...(host && { host }),
      };
      return { name, service: name, allow: { kind: "anyone" }, match };
    }),
  );
}

function foundBy(table: RouteTable, asked: Parameters<RouteTable["find"]>[0]): Found | undefined {
  const found = table.find(asked);
  assert.ok(typeof found !== "number", "no route here asks for a body");
  return found;
}

interface Case {
  readonly name: string;
  readonly routes: string[];
  /** `METHOD [host]/path` → the name of the route, or the methods allowed, or nothing. */
  readonly asked: Record<string, string>;
}
const cases: Case[] = [
  {
    name: "an exact path is that path, with or without its final slash",
    routes: ["items: /items"],
    asked: { "GET /items": "items", "GET /items/": "items", "GET /items/1": "", "GET /itemsx": "", "GET /": "" },
  },
  {
    name: "a prefix takes its own path and everything below, and nothing beside it",
    routes: ["orders: /orders/**"],
    asked: {
      "GET /orders": "orders",
      "GET /orders/": "orders",
      "GET /orders/1/lines": "orders",
      "GET /ordersx": "",
      "GET /": "",
    },
  },
  {
    name: "a parameter takes one segment, and never none",
    routes: ["item: /items/{id}", "lines: /items/*/lines"],
    asked: {
      "GET /items/1": "item",
      "GET /items/1/": "item",
      "GET /items/": "",
      "GET /items/1/lines": "lines",
      "GET /items/1/2": "",
    },
  },
  {
    name: "exact before parameters before the longest prefix, in whatever order they are written",
    routes: ["all: /**", "prefix: /items/**", "any: /items/{id}", "exact: /items/new", "deep: /items/*/parts/**"],
    asked: {
      "GET /items/new": "exact",
      "GET /items/7": "any",
      "GET /items": "prefix",
      "GET /items/7/8": "prefix",
      "GET /items/7/parts": "deep",
      "GET /items/7/parts/1": "deep",
      "GET /items/new/x": "prefix",
      "GET /elsewhere": "all",
      "GET /": "all",
    },
  },
  {
    name: "the text that begins well and ends badly does not hide the wildcard",
    routes: ["text: /a/b/c", "wild: /a/*/d", "rest: /a/b/**"],
    asked: { "GET /a/b/c": "text", "GET /a/b/d": "rest", "GET /a/x/d": "wild", "GET /a/x/c": "" },
  },
  {
    name: "a route that does not take the method leaves the request to a less specific one",
    routes: ["read: GET /orders/{id}", "write: POST,DELETE /orders/**"],
    asked: {
      "GET /orders/1": "read",
      "POST /orders/1": "write",
      "PUT /orders/1": "DELETE, GET, HEAD, POST",
      "GET /orders": "DELETE, POST",
    },
  },
  {
    name: "GET implies HEAD, unless a route names HEAD itself",
    routes: ["get: GET /a", "head: HEAD /b", "both: GET /b"],
    asked: { "HEAD /a": "get", "HEAD /b": "head", "GET /b": "both", "POST /a": "GET, HEAD" },
  },
  {
    name: "a route that names the method comes before one that takes any",
    routes: ["any: /a", "post: POST /a"],
    asked: { "POST /a": "post", "GET /a": "any", "OPTIONS /a": "any" },
  },
  {
    name: "OPTIONS is a method like any other",
    routes: ["a: GET /a", "b: GET,OPTIONS /b"],
    asked: { "OPTIONS /a": "GET, HEAD", "OPTIONS /b": "b", "OPTIONS *": "" },
  },
  {
    name: "the host comes first: whole before wildcard, longer before shorter, every host last",
    routes: ["all: /**", "any: *.example.com/a/**", "more: *.api.example.com/a", "whole: v1.api.example.com/**"],
    asked: {
      "GET v1.api.example.com/a": "whole",
      "GET v2.api.example.com/a": "more",
      "GET v2.api.example.com/a/b": "any",
      "GET www.example.com/a": "any",
      "GET example.com/a": "all",
      "GET www.example.com/b": "all",
      "GET [::1]/b": "all",
    },
  },
  {
    name: "Allow counts what every host's routes take",
    routes: ["here: GET api.example.com/a", "all: POST /a"],
    asked: { "PUT api.example.com/a": "GET, HEAD, POST", "PUT other.example.com/a": "POST" },
  },
  {
    name: "a route may have many paths",
    routes: ["both: /a /b/{id}"],
    asked: { "GET /a": "both", "GET /b/1": "both", "GET /b": "" },
  },
  {
    name: "names of objects are no routes",
    routes: ["a: /a/**"],
    asked: { "GET /constructor": "", "GET /__proto__": "", "GET __proto__/x": "" },
  },
  { name: "without routes nothing leads anywhere", routes: [], asked: { "GET /": "" } },
];
for (const { name, routes, asked } of cases)
  test(name, () => {
    const table = tableOf(...routes);
    for (const [question, expected] of Object.entries(asked)) {
      const [, method = "", host = "", path = ""] = /^(\S+) ([^/*]*)(.*)$/.exec(question) ?? [];
      const asked = asking({ method, host: host || "example.test", path });
      assert.equal(foundBy(table, asked)?.route.name ?? table.methodsAt(asked).join(", "), expected, question);
    }
  });

test("what a stage sees of a route and of its pattern is frozen", () => {
  const found = foundBy(tableOf("a: /a/{id}"), asking({ path: "/a/7" }));
  assert.ok(found && !("match" in found.route));
  for (const part of [found.route, found.pattern, found.pattern.segments]) assert.ok(Object.isFrozen(part));
  assert.deepEqual(matchPath(found.pattern, "/a/7"), { id: "7" });
});

const conditional = createRouteTable(
  Object.entries<RouteMatch>({
    any: { path: "/a" },
    get: { path: "/a", methods: ["GET"] },
    header: { path: "/a", headers: { v: "1" } },
    headers: { path: "/a", headers: { v: "1", w: "1" } },
    query: { path: "/a", query: { q: "é x" } },
    client: { path: "/a", client: "app" },
    audience: { path: "/a", audience: ["orders", "items"] },
    post: { path: "/p", methods: ["POST"], headers: { v: "1" } },
    put: { path: "/p", methods: ["PUT"], client: "app" },
    deep: { path: "/p/{id}", headers: { v: "1" } },
    below: { path: "/p/**", methods: ["GET"] },
    hosts: { path: "/h", host: ["a.test", "*.b.test"] },
  }).map(([name, match]) => ({ name, match, service: name, allow: { kind: "anyone" } })),
);

const conditions: { name: string; asked: TestRequest; route: string }[] = [
  { name: "nothing more", asked: { method: "POST", path: "/a" }, route: "any" },
  { name: "a method before conditions", asked: { path: "/a", headers: ["v", "1"] }, route: "get" },
  { name: "HEAD as GET", asked: { method: "HEAD", path: "/a", headers: ["v", "1"] }, route: "get" },
  { name: "a header", asked: { method: "PUT", path: "/a", headers: ["v", "1"] }, route: "header" },
  { name: "more headers", asked: { method: "PUT", path: "/a", headers: ["v", "1", "w", "1"] }, route: "headers" },
  {
    name: "a header in two lines",
    asked: { method: "PUT", path: "/a", headers: ["v", "1", "v", "1"] },
    route: "header",
  },
  { name: "a header in two minds", asked: { method: "PUT", path: "/a", headers: ["v", "1", "v", "2"] }, route: "any" },
  { name: "a list in one line", asked: { method: "PUT", path: "/a", headers: ["v", "1, 1"] }, route: "any" },
  { name: "a query, decoded", asked: { method: "PUT", path: "/a?q=%C3%A9+x" }, route: "query" },
  { name: "a query, its name escaped", asked: { method: "PUT", path: "/a?%71=%c3%a9%20x&r" }, route: "query" },
  { name: "a query twice", asked: { method: "PUT", path: "/a?q=%C3%A9+x&q=" }, route: "any" },
  { name: "a query that is no UTF-8", asked: { method: "PUT", path: "/a?q=%E9+x" }, route: "any" },
  { name: "a client", asked: { method: "PUT", path: "/a", client: "app" }, route: "client" },
  { name: "another client", asked: { method: "PUT", path: "/a", client: "App" }, route: "any" },
  { name: "one of two audiences", asked: { method: "PUT", path: "/a", audiences: ["x", "items"] }, route: "audience" },
  {
    name: "a client before an audience, and a query before both",
    asked: { method: "PUT", path: "/a", client: "app", audiences: ["items"] },
    route: "client",
  },
  { name: "what fails leads on", asked: { path: "/p/1", headers: ["v", "2"] }, route: "below" },
  { name: "one host of several", asked: { path: "/h", host: "x.b.test" }, route: "hosts" },
  { name: "no host of several", asked: { path: "/h", host: "b.test" }, route: "" },
  {
    name: "Allow for what would be taken",
    asked: { method: "PUT", path: "/p", headers: ["v", "1"] },
    route: "GET, HEAD, POST",
  },
  { name: "Allow for this client", asked: { method: "DELETE", path: "/p", client: "app" }, route: "GET, HEAD, PUT" },
  { name: "no Allow for a header that is wrong", asked: { method: "POST", path: "/p/1/2" }, route: "GET, HEAD" },
];
for (const { name, asked, route } of conditions)
  test(`by its conditions: ${name}`, () => {
    const request = asking(asked);
    const found = foundBy(conditional, request)?.route.name;
    assert.equal(found ?? conditional.methodsAt(request).join(", "), route);
  });

const rounds = 7;
const turns = 5_000;

/** The least of several times, for five thousand look-ups of the last route. */
function cost(table: RouteTable, request: TestRequest): number {
  const asked = asking(request);
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    for (let turn = 0; turn < turns; turn++) table.find(asked);
    return performance.now() - start;
  });
  assert.ok(table.find(asked), "it leads somewhere");
  return Math.min(...times);
}

function compare(t: TestContext, among: (count: number) => [RouteTable, TestRequest]): void {
  const [few, many] = [cost(...among(10)), cost(...among(10_000))];
  const each = (time: number): string => ((time * 1000) / turns).toFixed(2);
  t.diagnostic(`${each(few)} µs among 10 routes, ${each(many)} µs among 10 000`);
  assert.ok(many < few * 10 + 5, `${many} ms against ${few} ms for ${turns} look-ups`);
}

test("a look-up among ten thousand routes costs about what it costs among ten", (t) =>
  compare(t, (count) => {
    const lines = Array.from({ length: count }, (_, n) => `r${n}: GET /s${n}/items/{id} /s${n}/**`);
    return [tableOf(...lines), { path: `/s${count - 1}/items/7` }];
  }));

const crowds: Record<string, [match: (n: number) => Partial<RouteMatch>, request: (n: number) => TestRequest]> = {
  "a header": [(n) => ({ headers: { v: "1", team: `t${n}` } }), (n) => ({ headers: ["v", "1", "team", `t${n}`] })],
  "headers of many names": [(n) => ({ headers: { [`x-${n}`]: "1" } }), (n) => ({ headers: [`x-${n}`, "1"] })],
  "a query parameter": [(n) => ({ query: { team: `t${n}` } }), (n) => ({ path: `/?team=t${n}` })],
  "the client": [(n) => ({ client: `c${n}` }), (n) => ({ client: `c${n}` })],
  "the audience": [(n) => ({ audience: [`a${n}`, "all"] }), (n) => ({ audiences: ["other", `a${n}`] })],
  "the body": [
    (n) => ({ body: { pointer: "/type", is: `t${n}`, limit: 99 } }),
    (n) => ({ headers: ["content-type", "application/json"], content: `{"type":"t${n}"}` }),
  ],
};
for (const [name, [match, request]] of Object.entries(crowds))
  test(`the same holds where all stand at one path and differ by ${name}`, (t) =>
    compare(t, (count) => {
      const routes = Array.from({ length: count }, (_, n) => ({ path: "/", ...match(n) })).map((each, n) => ({
        name: `r${n}`,
        service: "s",
        allow: { kind: "anyone" } as const,
        match: each,
      }));
      return [createRouteTable(routes), request(count - 1)];
    }));
