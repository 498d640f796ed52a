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
