import assert from "node:assert/strict";
import { test } from "node:test";
import { considered } from "./considered.ts";
import type { RouteMatch } from "./config.ts";
import { createRouteTable } from "./route-table.ts";
import { asking, type TestRequest } from "./testing.ts";

const body = { pointer: "/type", is: ["order", 1], limit: 99 };
const matches: Record<string, RouteMatch> = {
  any: { path: "/**" },
  read: { path: "/a/{id}", methods: ["GET"] },
  post: { path: "/a/{id}", methods: ["POST"], body },
  two: { path: "/a/{id}", headers: { v: "2", w: { prefix: "b-" }, x: { present: false } }, query: { q: ["1", "2"] } },
  app: { path: "/a/**", client: ["app", "web"], audience: "orders", host: "*.test" },
  elsewhere: { path: "/b" },
};
const table = createRouteTable(
  Object.entries(matches).map(([name, match]) => ({ name, match, service: "s", allow: { kind: "anyone" } })),
);
const explain = (request: TestRequest): string[] =>
  [...considered(table, asking(request))].map(({ route, host = "", path, lacks }) =>
    [`${route}: ${host}${path}`, ...lacks].join("; "),
  );

test("what a request lacks is told route by route, up to the one that takes it", () => {
  assert.deepEqual(explain({ path: "/a/7?q=3", headers: ["v", "1", "w", "b-1", "x", "y"] }), [
    "app: *.test/a/**; client = app | web; audience = orders",
    "read: /a/{id}",
  ]);
  assert.deepEqual(explain({ method: "PUT", path: "/a/7?q=3", headers: ["v", "1", "w", "b-1", "x", "y"] }), [
    "app: *.test/a/**; client = app | web; audience = orders",
    "two: /a/{id}; header v = 2; header x absent; query q = 1 | 2",
    "post: /a/{id}; method POST; body /type = order | 1",
    "read: /a/{id}; method GET",
    "any: /**",
  ]);
});

test("a body counts once it is held", () => {
  const post = { method: "POST", host: "h", path: "/a/7", headers: ["content-type", "application/json"] };
  assert.deepEqual(explain({ ...post, content: '{"type":1}' }), ["post: /a/{id}"]);
  assert.match(explain({ ...post, content: '{"type":2}' })[0] ?? "", /^post: .*; body \/type = order \| 1$/);
  assert.match(explain(post)[0] ?? "", /^post: .*; body/);
});

test("where nothing leads nothing was considered", () => {
  const none = createRouteTable([]);
  assert.deepEqual([...considered(none, asking({ path: "/a" }))], []);
  assert.deepEqual([...considered(table, asking({ method: "OPTIONS", path: "*" }))], []);
});
