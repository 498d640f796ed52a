import assert from "node:assert/strict";
import { test } from "node:test";
import { rewriteFaults } from "./rewrite-faults.ts";
import type { RewritingRoute } from "./rewrites.ts";

const cases: { name: string; route: Omit<RewritingRoute, "name">; expected: string[] }[] = [
  {
    name: "a prefix of every path is sound",
    route: { match: { path: ["/api", "/api/{id}", "/api/**"] }, rewrite: { stripPrefix: "/api" } },
    expected: [],
  },
  {
    name: "a prefix ends where a segment ends",
    route: { match: { path: "/apix/**" }, rewrite: { stripPrefix: "/api" } },
    expected: ["routes.0.rewrite.stripPrefix: /apix/** does not begin with /api"],
  },
  {
    name: "a wildcard is no prefix",
    route: { match: { path: ["/api/**", "/*/a", "/**"] }, rewrite: { stripPrefix: "/api" } },
    expected: [
      "routes.0.rewrite.stripPrefix: /*/a does not begin with /api",
      "routes.0.rewrite.stripPrefix: /** does not begin with /api",
    ],
  },
  {
    name: "a parameter that one of the paths lacks",
    route: { match: { path: ["/a/{id}", "/b/{name}"] }, rewrite: { path: "/new/{id}" } },
    expected: ["routes.0.rewrite.path: /b/{name} has no parameter {id}"],
  },
  {
    name: "a rest that there is not",
    route: { match: { path: "/a/{id}" }, rewrite: { path: "/new/**" } },
    expected: ["routes.0.rewrite.path: /a/{id} does not end in /**"],
  },
  {
    name: "a header that speaks for the caller on another route",
    route: {
      match: { path: "/a" },
      requestHeaders: { set: { "x-shop-user": "1" }, add: { "x-a": "1" }, remove: ["x-shop-user"] },
    },
    expected: [
      "routes.0.requestHeaders.set.x-shop-user: x-shop-user is a header that only the gateway may set",
      "routes.0.requestHeaders.remove.0: x-shop-user is a header that only the gateway may set",
    ],
  },
];
for (const { name, route, expected } of cases)
  test(name, () => {
    const faults = rewriteFaults([{ name: "one", ...route }], ["x-shop-user"]);
    assert.deepEqual(
      faults.map(({ path, message }) => `${path.join(".")}: ${message}`),
      expected,
    );
  });
