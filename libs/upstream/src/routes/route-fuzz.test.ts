import assert from "node:assert/strict";
import { test } from "node:test";
import { considered } from "./considered.ts";
import type { RouteMatch } from "./config.ts";
import { referenceMatcher } from "./reference-matcher.testing.ts";
import { createRouteTable } from "./route-table.ts";
import { asking } from "./testing.ts";
import { unreachableRoutes } from "./unreachable-routes.ts";

const tables = 500;
const requests = 200;

/** Makes tables and requests of a few words, so that they meet; the same ones for the same seed. */
function maker(seed: number) {
  let state = seed;
  const draw = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const below = (count: number): number => Math.floor(draw() * count);
  const among = <T>(values: readonly T[]): T => values[below(values.length)]!;
  const some = <T>(values: readonly T[], most = values.length): T[] =>
    values.toSorted(() => draw() - 0.5).slice(0, 1 + below(Math.min(most, values.length)));
  const maybe = <T>(chance: number, make: () => T): T | undefined => (draw() < chance ? make() : undefined);

  /** Of so few words that many routes take all of each other. */
  const narrow = seed % 3 === 0;
  const words = ["a", "b", "ab", "a b", "é"];
  const hosts = ["a.test", "*.test", "*.a.test", "b.a.test", "*.b.a.test"];
  const methods = ["GET", "HEAD", "POST", "PUT"] as const;
  const names = narrow ? ["x"] : ["x", "y", "z"];
  const oneOrList = <T>(values: readonly T[]): T | T[] => (draw() < 0.7 ? among(values) : some(values));
  const path = (parts: readonly string[], ends: readonly string[]): string =>
    Array.from({ length: below(4) }, () => `/${among(parts)}`).join("") + among(ends) || "/";
  const valueMatch = () =>
    among([() => oneOrList(words), () => ({ prefix: among(["a", "ab"]) }), () => ({ present: draw() < 0.5 })])();
  const valueMatches = () => Object.fromEntries(some(names, 2).map((name) => [name, valueMatch()]));

  /** `plain`: one host, one path and at most one method, so that a route can only be lost as a whole. */
  const match = (paths: readonly string[], plain: boolean): RouteMatch => {
    const host = maybe(narrow ? 0 : 0.4, () => (plain ? among(hosts) : oneOrList(hosts)));
    const named = maybe(0.5, () => (plain ? [among(methods)] : some(methods)));
    const headers = maybe(narrow ? 0.8 : 0.4, valueMatches);
    const query = maybe(narrow ? 0 : 0.3, valueMatches);
    const client = maybe(narrow ? 0 : 0.2, () => oneOrList(["c", "d"]));
    const audience = maybe(narrow ? 0 : 0.2, () => oneOrList(["e", "f", "g"]));
    const body = maybe(narrow ? 0.05 : 0.15, () => ({
      pointer: "/t",
      is: oneOrList(["a", "1", 1, true, null]),
      limit: 99,
    }));
    return {
      path: plain ? among(paths) : oneOrList(paths),
      ...(host && { host }),
      ...(named && { methods: named }),
      ...(headers && { headers }),
      ...(query && { query }),
      ...(client && { client }),
      ...(audience && { audience }),
      ...(body && { body }),
    };
  };
  return {
    routes() {
      const plain = narrow || draw() < 0.5;
      const paths = narrow
        ? ["/a", "/a/**", "/a/*/**"]
        : Array.from({ length: among([1, 2, 8]) }, () => path(["a", "b", "*"], ["", "/**"]));
      return Array.from({ length: 1 + below(among([8, 20, 40])) }, (_, at) => ({
        name: `r${at}`,
        match: match(paths, plain),
        plain,
      }));
    },
    request() {
      const escaped = (word: string): string => among([encodeURIComponent(word), word === "a" ? "%61" : ""]) || "a+b";
      const query = Array.from({ length: below(3) }, () => `${among(names)}=${escaped(among(words))}`).join("&");
      const content = maybe(0.3, () => JSON.stringify({ t: among(["a", "1", 1, true, null, {}]) }));
      const headers = Array.from({ length: below(4) }, () => [among(names), among(words)]).flat();
      return {
        method: among(methods),
        host: among(["a.test", "b.a.test", "c.b.a.test", "b.test", "other"]),
        path: (narrow ? among(["/a", "/a/b"]) : path(["a", "b", "c"], ["", "/"])) + (query && `?${query}`),
        headers: content ? [...headers, "content-type", "application/json"] : headers,
        client: maybe(0.5, () => among(["c", "d", "h"])),
        audiences: maybe(0.5, () => some(["e", "f", "h"])),
        ...(content !== undefined && { content }),
      };
    },
  };
}

test(`${tables * requests} random requests to random tables go where the documented order says`, (t) => {
  const counts = { found: 0, refused: 0, unreachable: 0 };
  for (let seed = 1; seed <= tables; seed++) {
    const make = maker(seed);
    const routes = make.routes();
    const reference = referenceMatcher(routes);
    const table = createRouteTable(routes.map((route) => ({ ...route, service: "s", allow: { kind: "anyone" } })));
    const faults = unreachableRoutes(routes);
    const lost = new Set(faults.filter(({ path }) => routes[Number(path[1])]?.plain).map(({ path }) => `r${path[1]}`));
    counts.unreachable += lost.size;
    for (let turn = 0; turn < requests; turn++) {
      const request = make.request();
      const about = (): string =>
        `seed ${seed}, turn ${turn}: ${JSON.stringify(request)}\n${JSON.stringify(routes, null, 1)}`;
      const expected = reference.find(request);
      const asked = asking(request);
      const found = table.find(asked);
      if (typeof found === "number") assert.fail(`the body is held already; ${about()}`);
      if (found?.route.name !== expected?.name || found?.pattern.text !== expected?.pattern.text)
        assert.fail(`${found?.route.name} instead of ${expected?.name}; ${about()}`);
      if (expected && lost.has(expected.name)) assert.fail(`${expected.name} can be reached; ${about()}`);
      const last = [...considered(table, asked)].at(-1);
      const explained = last?.lacks.length === 0 ? last.route : undefined;
      if (explained !== expected?.name) assert.fail(`explained by ${explained}; ${about()}`);
      if (expected) counts.found++;
      else {
        const [allowed, due] = [table.methodsAt(asked).join(), reference.methodsAt(request).join()];
        if (allowed !== due) assert.fail(`Allow: ${allowed} instead of ${due}; ${about()}`);
        if (due) counts.refused++;
      }
    }
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.found > 20_000 && counts.refused > 1_000 && counts.unreachable > 100, JSON.stringify(counts));
});
