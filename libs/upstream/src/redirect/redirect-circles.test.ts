import assert from "node:assert/strict";
import { test } from "node:test";
import type { RouteMatch } from "../routes/config.ts";
import { createRouteTable } from "../routes/route-table.ts";
import { asking } from "../routes/testing.ts";
import { redirectCircles, type LeadingRoute } from "./redirect-circles.ts";
import { compileRedirects, locationOf } from "./redirects.ts";

interface Led extends Partial<NonNullable<LeadingRoute["redirect"]>> {
  readonly match: RouteMatch | string;
}

const routesOf = (given: readonly Led[]): LeadingRoute[] =>
  given.map(({ match, ...redirect }, index) => ({
    name: `r${index}`,
    match: typeof match === "string" ? { path: match } : match,
    ...(Object.keys(redirect).length > 0 && { redirect: { query: "keep", status: 307, ...redirect } }),
  }));

const v2 = { headers: { v: "2" } };
const cases: { name: string; given: Led[]; expected?: string[] }[] = [
  {
    name: "a path that grows for ever",
    given: [{ match: "/a/**", path: "/a/b/**" }],
    expected: ["0.path: /a/** leads to itself"],
  },
  {
    name: "a path that shrinks to itself",
    given: [{ match: "/{id}/**", path: "/a" }],
    expected: ["0.path: /{id}/** leads to itself"],
  },
  {
    name: "two that lead to each other",
    given: [
      { match: "/a/**", path: "/b/**" },
      { match: "/b/**", path: "/a/**" },
    ],
    expected: ["0.path: /a/** leads to itself by way of r1"],
  },
  {
    name: "three, and one that leads to them",
    given: [
      { match: "/x/**", path: "/a/**" },
      { match: "/a/**", path: "/b/**" },
      { match: "/b/**", path: "/c/**" },
      { match: "/c/**", path: "/a" },
    ],
    expected: ["1.path: /a/** leads to itself by way of r2, r3"],
  },
  {
    name: "one host of one that has them all",
    given: [
      { match: "/a", path: "/b" },
      { match: { path: "/b", host: "a.test" }, path: "/a" },
    ],
    expected: ["1.path: /b leads to itself by way of r0"],
  },
  {
    name: "its own host",
    given: [{ match: { path: "/**", host: ["a.test", "b.test"] }, host: "b.test" }],
    expected: ["0.host: /** leads to itself"],
  },
  {
    name: "its own host, by another path",
    given: [{ match: { path: "/a/**", host: "a.test" }, host: "a.test", path: "/a/b/**" }],
    expected: ["0.path: /a/** leads to itself"],
  },
  {
    name: "within a wildcard of hosts",
    given: [{ match: { path: "/a/**", host: "*.a.test" }, path: "/a/b" }],
    expected: ["0.path: /a/** leads to itself"],
  },
  {
    name: "reads alone",
    given: [{ match: { path: "/a/**", methods: ["GET"] }, path: "/a/b", status: 303 }],
    expected: ["0.path: /a/** leads to itself"],
  },
  { name: "a service below", given: [{ match: "/a/**", path: "/a/b/**" }, { match: "/a/b/**" }] },
  { name: "a service that takes some of it", given: [{ match: "/a/**", path: "/a/b/**" }, { match: "/a/b/c" }] },
  { name: "a service that may take it", given: [{ match: "/a/**", path: "/a/b" }, { match: { path: "/a/b", ...v2 } }] },
  { name: "a path of its own beside it", given: [{ match: { path: ["/a/**", "/b"] }, path: "/c" }, { match: "/c/**" }] },
  { name: "another host", given: [{ match: "/**", host: "a.test" }] },
  { name: "its own host with another scheme", given: [{ match: { path: "/**", host: "a.test" }, host: "a.test", scheme: "https" }] },
  { name: "its own host at another port", given: [{ match: { path: "/**", host: "a.test" }, host: "a.test:8443" }] },
  { name: "a header that may be gone", given: [{ match: { path: "/a/**", ...v2 }, path: "/a/b/**" }] },
  {
    name: "writes that become reads, which a service takes",
    given: [{ match: { path: "/a/**", methods: ["POST"] }, path: "/a/b", status: 303 }, { match: { path: "/a/**", methods: ["GET"] } }],
  },
  { name: "a host of a service within its wildcard", given: [{ match: { path: "/a/**", host: "*.test" }, path: "/a/b" }, { match: { path: "/**", host: "a.test" } }] },
]; // prettier-ignore
for (const { name, given, expected = [] } of cases)
  test(`${expected.length === 0 ? "no circle" : "a circle"}: ${name}`, () => {
    const said = redirectCircles(routesOf(given)).map(({ path, message }) => `${path[1]}.${path[3]}: ${message}`);
    assert.deepEqual(said, expected);
  });

/** A small generator of numbers below one, the same in every run. */
function drawsFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

test("what is told of random tables is true: whoever takes the route goes round and round", () => {
  const draw = drawsFrom(7);
  const among = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!;
  const maybe = <T>(chance: number, value: () => T): T | undefined => (draw() < chance ? value() : undefined);
  const segments = (words: readonly string[], most = 3): string =>
    Array.from({ length: Math.floor(draw() * most) }, () => `/${among(words)}`).join("");
  const methods = ["GET", "HEAD", "POST"] as const;
  const hosts = ["a.test", "*.test", "b.a.test", "*.a.test"];
  let followed = 0;
  for (let round = 0; round < 3_000; round++) {
    const routes = Array.from({ length: 1 + Math.floor(draw() * 5) }, (_, index): LeadingRoute => {
      const rest = among(["", "/**"]);
      const path = segments(["a", "b", "*"]) + rest || "/";
      const host = maybe(0.3, () => among(hosts));
      const named = maybe(0.3, () => [among(methods)]);
      const match = { path, ...(host && { host }), ...(named && { methods: named }), ...maybe(0.1, () => v2) };
      const to = maybe(0.8, () => segments(["a", "b"]) + (rest && among(["", "/**"])) || "/");
      const own = host?.startsWith("*") ? undefined : maybe(0.3, () => host);
      const target = { ...(to !== undefined && { path: to }), ...(own !== undefined && { host: own }) };
      const status = among([301, 303, 307] as const);
      const leads = Object.keys(target).length > 0;
      return { name: `r${index}`, match, ...(leads && { redirect: { query: "keep", status, ...target } }) };
    });
    const circles = redirectCircles(routes);
    const table = createRouteTable(routes.map((route) => ({ ...route, service: "s", allow: { kind: "anyone" } })));
    const redirects = compileRedirects(routes);
    for (const circle of circles)
      for (let turn = 0; turn < 20; turn++) {
        let path = segments(["a", "b", "c"], 5) || "/";
        let host = among(["a.test", "b.a.test", "c.test"]);
        let method: string = among(methods);
        const first = table.find(asking({ path, host, method }));
        if (typeof first !== "object" || first.route.name !== `r${String(circle.path[1])}`) continue;
        // Of several paths, hosts and patterns of a route, the circle is about one.
        if (!circle.message.startsWith(`${first.pattern.text} `)) continue;
        for (let hop = 0; hop < 30; hop++) {
          const found = table.find(asking({ path, host, method }));
          const redirect = typeof found === "object" ? redirects.get(found.route.name) : undefined;
          if (typeof found !== "object" || !redirect)
            assert.fail(`${circle.message}: ended at ${method} ${host}${path}\n${JSON.stringify(routes, null, 1)}`);
          const asked = { path, query: "", scheme: "https", pattern: found.pattern.text };
          ({ host, pathname: path } = new URL(locationOf(redirect, asked), `https://${host}`));
          if (redirect.status === 303 || (redirect.status === 301 && draw() < 0.5))
            method = method === "HEAD" ? "HEAD" : "GET";
        }
        followed++;
      }
  }
  assert.ok(followed > 500, `only ${followed} were followed`);
});
