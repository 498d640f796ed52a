import assert from "node:assert/strict";
import { test } from "node:test";
import { matchPath } from "@tandem/kernel/patterns/path-pattern";
import type { RouteMatch } from "./config.ts";
import { createRouteTable, type Found, type RouteTable } from "./route-table.ts";
import { asking } from "./testing.ts";

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

/** The least of several times, for five thousand look-ups of the last route. */
function cost(count: number): number {
  const table = tableOf(...Array.from({ length: count }, (_, n) => `r${n}: GET /s${n}/items/{id} /s${n}/**`));
  const asked = asking({ path: `/s${count - 1}/items/7` });
  const rounds = Array.from({ length: 7 }, () => {
    const start = performance.now();
    for (let turn = 0; turn < 5_000; turn++) table.find(asked);
    return performance.now() - start;
  });
  return Math.min(...rounds);
}

test("a look-up among ten thousand routes costs about what it costs among ten", (t) => {
  const [few, many] = [cost(10), cost(10_000)];
  t.diagnostic(`${(few / 5).toFixed(2)} µs among 10 routes, ${(many / 5).toFixed(2)} µs among 10 000`);
  assert.ok(many < few * 10 + 5, `${many} ms against ${few} ms for 5000 look-ups`);
});
