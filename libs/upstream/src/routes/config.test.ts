import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { routeFields } from "./config.ts";

const routeSchema = z.strictObject(routeFields);
const sound = { name: "orders-read", match: { path: "/orders/**", methods: ["GET"] }, service: "orders" };

test("a route is read as it is written", () => {
  assert.deepEqual(routeSchema.parse(sound), sound);
  assert.equal(
    routeSchema.safeParse({ ...sound, match: { path: ["/a", "/b/{id}"], host: "*.example.com" } }).success,
    true,
  );
});

const matching = (more: object): object => ({ ...sound, match: { path: "/a", ...more } });

const full = {
  path: "/a",
  host: ["a.test", "*.b.test"],
  headers: { "x-version": "2", "x-plan": ["gold", "silver"], "x-key": { prefix: "k-" }, "x-old": { present: false } },
  query: { v: "2", "a b": { present: true } },
  client: ["app", "web"],
  audience: "orders",
};

test("a route may ask for more than its path", () => {
  const body = { pointer: "/type", is: ["order", 1, true, null] };
  assert.deepEqual(routeSchema.parse({ ...sound, match: { ...full, body } }).match, {
    ...full,
    body: { ...body, limit: 65_536 },
  });
});

const refused: { name: string; route: object; at: string }[] = [
  { name: "no path", route: { ...sound, match: {} }, at: "match.path" },
  { name: "an empty list of paths", route: { ...sound, match: { path: [] } }, at: "match.path" },
  { name: "a path that could never match", route: { ...sound, match: { path: "/a/../b" } }, at: "match.path" },
  { name: "a path without a slash", route: { ...sound, match: { path: "orders" } }, at: "match.path" },
  { name: "a host with a port", route: { ...sound, match: { path: "/a", host: "a:80" } }, at: "match.host" },
  {
    name: "a method in small letters",
    route: { ...sound, match: { path: "/a", methods: ["get"] } },
    at: "match.methods.0",
  },
  { name: "a mistyped method", route: { ...sound, match: { path: "/a", methods: ["GTE"] } }, at: "match.methods.0" },
  {
    name: "a method no gateway carries",
    route: { ...sound, match: { path: "/a", methods: ["TRACE"] } },
    at: "match.methods.0",
  },
  { name: "no method at all", route: { ...sound, match: { path: "/a", methods: [] } }, at: "match.methods" },
  { name: "no host at all", route: matching({ host: [] }), at: "match.host" },
  { name: "no header at all", route: matching({ headers: {} }), at: "match.headers" },
  { name: "a header name in capitals", route: matching({ headers: { "X-A": "1" } }), at: "match.headers.X-A" },
  { name: "a header value that none can have", route: matching({ headers: { a: " b" } }), at: "match.headers.a" },
  { name: "an empty value", route: matching({ query: { a: "" } }), at: "match.query.a" },
  { name: "a value that is a number", route: matching({ query: { a: 2 } }), at: "match.query.a" },
  { name: "an empty list of values", route: matching({ headers: { a: [] } }), at: "match.headers.a" },
  { name: "a value twice", route: matching({ headers: { a: ["b", "b"] } }), at: "match.headers.a.1" },
  { name: "an unknown kind of value", route: matching({ query: { a: { suffix: "b" } } }), at: "match.query.a" },
  {
    name: "more conditions than anyone oversees",
    route: matching({ query: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`q${n}`, "a"])) }),
    at: "match.query",
  },
  { name: "no client at all", route: matching({ client: [] }), at: "match.client" },
  { name: "an audience twice", route: matching({ audience: ["a", "a"] }), at: "match.audience.1" },
  { name: "a pointer without its slash", route: matching({ body: { pointer: "a", is: 1 } }), at: "match.body.pointer" },
  { name: "a half escape", route: matching({ body: { pointer: "/a~2", is: 1 } }), at: "match.body.pointer" },
  { name: "an object in a body", route: matching({ body: { pointer: "/a", is: {} } }), at: "match.body.is" },
  { name: "no limit at all", route: matching({ body: { pointer: "/a", is: 1, limit: "0B" } }), at: "match.body.limit" },
  { name: "a vast limit", route: matching({ body: { pointer: "/a", is: 1, limit: "2MiB" } }), at: "match.body.limit" },
  { name: "a name with spaces", route: { ...sound, name: "orders read" }, at: "name" },
  { name: "an unknown key", route: { ...sound, timeout: "3s" }, at: "" },
];
for (const { name, route, at } of refused)
  test(`refused: ${name}`, () => {
    const { error } = routeSchema.safeParse(route);
    assert.deepEqual(
      error?.issues.map(({ path }) => path.join(".")),
      [at],
    );
  });
