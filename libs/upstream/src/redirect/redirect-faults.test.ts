import assert from "node:assert/strict";
import { test } from "node:test";
import { redirectFaults } from "./redirect-faults.ts";
import type { LeadingRoute } from "./redirect-circles.ts";

const kept = { query: "keep", status: 307 } as const;
const cases: { name: string; route: Omit<LeadingRoute, "name">; expected: string[] }[] = [
  { name: "no redirect at all", route: { match: { path: "/a" } }, expected: [] },
  {
    name: "parameters that every path has",
    route: { match: { path: ["/a/{id}/**", "/b/{id}/**"] }, redirect: { ...kept, path: "/c/{id}/**" } },
    expected: [],
  },
  {
    name: "a parameter that one path lacks",
    route: { match: { path: ["/a/{id}", "/b"] }, redirect: { ...kept, path: "/c/{id}" } },
    expected: ["/b has no parameter {id}"],
  },
  {
    name: "a rest that there is not",
    route: { match: { path: "/a/*" }, redirect: { ...kept, path: "/c/**" } },
    expected: ["/a/* does not end in /**"],
  },
  {
    name: "a circle",
    route: { match: { path: ["/a/**", "/b/**"] }, redirect: { ...kept, path: "/b/**" } },
    expected: ["/b/** leads to itself"],
  },
  {
    name: "the same path at another host",
    route: { match: { path: "/b/**" }, redirect: { ...kept, host: "other.test", path: "/b/**" } },
    expected: [],
  },
];
for (const { name, route, expected } of cases)
  test(name, () => {
    const faults = redirectFaults([{ name: "one", ...route }]);
    assert.deepEqual(
      faults.map(({ path, message }) => (assert.equal(path.join("."), "routes.0.redirect.path"), message)),
      expected,
    );
  });
