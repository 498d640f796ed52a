// Strangers choose how long a path, a query and a head are: a look-up may cost more by as much, and no more.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RouteMatch } from "./config.ts";
import { createRouteTable } from "./route-table.ts";
import { asking, type TestRequest } from "./testing.ts";

const table = createRouteTable(
  Array.from({ length: 1_000 }, (_, n): RouteMatch => {
    const [a, b] = [["/a", "/*"][n % 2], ["/a", "/*"][(n >> 1) % 2]];
    const path = `/${"a/".repeat(n % 7)}x${a}${b}/**`;
    return n % 3 === 0 ? { path, headers: { v: `v${n}` } } : { path, query: { v: `v${n}`, w: [`w${n}`, "w"] } };
  }).map((match, n) => ({ name: `r${n}`, service: "s", allow: { kind: "anyone" }, match })),
);

/** Milliseconds of ten look-ups. The least of many short times: what takes longer, others interrupt more often. */
function cost(request: TestRequest): number {
  const asked = asking(request);
  const times = Array.from({ length: 100 }, () => {
    const start = performance.now();
    for (let turn = 0; turn < 10; turn++) assert.equal(table.find(asked), undefined);
    return performance.now() - start;
  });
  return Math.min(...times);
}

const there = "/a/x/a/a";
const hostile: Record<string, (length: number) => TestRequest> = {
  "a long path": (length) => ({ path: there + "/a".repeat(length) }),
  "a path that begins well many times": (length) => ({ path: `/${"a/".repeat(length)}x` }),
  "many parameters": (length) => ({ path: `${there}?${"v=v1&".repeat(length)}` }),
  "a long parameter": (length) => ({ path: `${there}?v=${"%C3%A9".repeat(length)}` }),
  // The listener lets no more of them in.
  "a hundred header lines of one name": (length) => ({
    path: there,
    headers: Array.from({ length: length / 10 }, (_, n) => ["v", `v${3 * n}`]).flat(),
  }),
};
for (const [name, request] of Object.entries(hostile))
  test(`${name} costs in proportion`, (t) => {
    const [short, long] = [cost(request(100)), cost(request(1_000))];
    t.diagnostic(`${(short * 100).toFixed(1)} µs for 100, ${(long * 100).toFixed(1)} µs for 1 000`);
    assert.ok(long < short * 40 + 0.5, `${long} ms against ${short} ms`);
  });

test("a body of another shape than any route looks for is taken apart once, however many look", () => {
  const match = (n: number): RouteMatch => ({ path: "/", body: { pointer: `/p${n}`, is: "a", limit: 65_536 } });
  const routes = Array.from({ length: 1_000 }, (_, n) => match(n)).map((each, n) => ({
    name: `r${n}`,
    service: "s",
    allow: { kind: "anyone" } as const,
    match: each,
  }));
  const content = JSON.stringify({ q: Array.from({ length: 5_000 }, (_, n) => ({ n })) });
  const asked = asking({ headers: ["content-type", "application/json"], content });
  assert.equal(createRouteTable(routes).find(asked), undefined);
  assert.ok(content.length > 40_000 && content.length < 65_536);
});
