import assert from "node:assert/strict";
import { test } from "node:test";
import type { Principal } from "@tandem/contracts/principal";
import type { Exchange } from "@tandem/kernel/exchange";
import { exchangeOf } from "@tandem/kernel/testing";
import type { SplitOptions } from "./config.ts";
import { compileSplits, drawn } from "./splits.ts";

/** A small generator of numbers below one, the same in every run. */
function drawsFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const weighted = (weights: Readonly<Record<string, number>>): SplitOptions["among"] =>
  Object.entries(weights).map(([service, weight]) => ({ service, weight }));

const chooserOf = (split: SplitOptions, random = drawsFrom(1), name = "shop") =>
  compileSplits([{ name, split }], random).get(name)!;

/** A request of this caller, past hygiene. */
function requestOf(caller: Partial<Principal>, rawHeaders: readonly string[] = []): Exchange {
  const { exchange } = exchangeOf({ rawHeaders });
  exchange.principal = { subject: "ann", scopes: [], roles: [], method: "jwt", ...caller };
  return exchange;
}

/** How far counts are from what the weights promise; for two degrees of freedom 13.8 is passed once in a thousand. */
function chiSquare(counts: Readonly<Record<string, number>>, weights: Readonly<Record<string, number>>): number {
  const sum = (numbers: Readonly<Record<string, number>>): number =>
    Object.values(numbers).reduce((total, one) => total + one, 0);
  return Object.entries(weights).reduce((total, [service, weight]) => {
    const expected = (sum(counts) * weight) / sum(weights);
    return total + ((counts[service] ?? 0) - expected) ** 2 / expected;
  }, 0);
}

const weights = { a: 70, b: 20, c: 10 };
const bys: { name: string; by: SplitOptions["by"]; callerOf: (index: number) => Exchange }[] = [
  { name: "each request for itself", by: undefined, callerOf: () => requestOf({}) },
  { name: "by principal", by: "principal", callerOf: (index) => requestOf({ subject: `user-${index}` }) },
  { name: "by client", by: "client", callerOf: (index) => requestOf({ client: String(index) }) },
  { name: "by header", by: { header: "x-cart" }, callerOf: (index) => requestOf({}, ["x-cart", `${index}`]) },
  { name: "by cookie", by: { cookie: "cart" }, callerOf: (index) => requestOf({}, ["cookie", `a=1; cart=c${index}`]) },
];
for (const { name, by, callerOf } of bys)
  test(`weights are kept, ${name}`, () => {
    const choose = chooserOf({ by, among: weighted(weights) });
    const counts: Record<string, number> = {};
    for (let index = 0; index < 20_000; index++) {
      const service = choose(callerOf(index));
      counts[service] = (counts[service] ?? 0) + 1;
    }
    const distance = chiSquare(counts, weights);
    assert.ok(distance < 13.8, `${JSON.stringify(counts)} is ${distance} away from ${JSON.stringify(weights)}`);
  });

test("one caller always gets the same, whatever is drawn, and after a restart as well", () => {
  const among = weighted({ a: 50, b: 50 });
  for (let index = 0; index < 200; index++) {
    const caller = requestOf({ subject: `user-${index}` });
    const choices = [1, 2, 3].map((seed) => chooserOf({ by: "principal", among }, drawsFrom(seed))(caller));
    assert.equal(new Set(choices).size, 1);
    const reordered = chooserOf({ by: "principal", among: among.toReversed() });
    assert.equal(reordered(caller), choices[0]);
  }
});

const among = (given: Readonly<Record<string, number>>): ((index: number) => string) => {
  const choose = chooserOf({ by: "principal", among: weighted(given) });
  return (index) => choose(requestOf({ subject: `user-${index}` }));
};
const moves: { name: string; from: Record<string, number>; to: Record<string, number>; share: number }[] = [
  { name: "from 10 to 20 of a hundred", from: { a: 90, b: 10 }, to: { a: 80, b: 20 }, share: 0.1 },
  { name: "from nobody to 5 of a hundred", from: { a: 95, b: 0 }, to: { a: 95, b: 5 }, share: 0.05 },
  { name: "beside a third", from: { a: 60, c: 30, b: 10 }, to: { a: 60, c: 30, b: 30 }, share: 0.15 },
];
for (const { name, from, to, share } of moves)
  test(`a weight that grows ${name} takes over those it must, and moves nobody else`, () => {
    const [before, after] = [among(from), among(to)];
    const callers = 20_000;
    let moved = 0;
    for (let index = 0; index < callers; index++) {
      if (before(index) === after(index)) continue;
      assert.equal(after(index), "b");
      moved++;
    }
    assert.ok(Math.abs(moved / callers - share) < 0.01, `${moved} of ${callers} moved`);
  });

test("who is early on one route is not early on every other", () => {
  const split: SplitOptions = { by: "principal", among: weighted({ a: 90, b: 10 }) };
  const [one, other] = [chooserOf(split), chooserOf(split, drawsFrom(1), "cart")];
  let both = 0;
  for (let index = 0; index < 10_000; index++) {
    const caller = requestOf({ subject: `user-${index}` });
    if (one(caller) === "b" && other(caller) === "b") both++;
  }
  assert.ok(both > 50 && both < 150, `${both} of 10000 are, and 100 were to be expected`);
});

test("who has no key is drawn by lot", () => {
  for (const by of ["principal", "client", { header: "x-cart" }, { cookie: "cart" }] as const) {
    const choose = chooserOf({ by, among: weighted({ a: 50, b: 50 }) });
    const nobody = requestOf({ method: "none", subject: "anonymous" });
    assert.equal(new Set(Array.from({ length: 50 }, () => choose(nobody))).size, 2);
  }
});

const points: { point: number; expected: string }[] = [
  { point: 0, expected: "a" },
  { point: 0.6999, expected: "a" },
  { point: 0.7, expected: "b" },
  { point: 0.8999, expected: "b" },
  { point: 0.91, expected: "c" },
  { point: 0.9999999999999999, expected: "c" },
];
for (const { point, expected } of points)
  test(`the lot ${point} falls to ${expected}`, () => assert.equal(drawn(weighted(weights), point), expected));

const canary: SplitOptions = {
  by: undefined,
  among: [
    { service: "stable", weight: 100 },
    { service: "next", weight: 0, when: { header: { name: "x-canary", value: "yes" } } },
    { service: "beta", weight: 0, when: { client: ["beta-app"] } },
    { service: "staff", weight: 0, when: { subject: ["ann", "anonymous"] } },
  ],
};
const canaries: { name: string; caller: Exchange; expected: string }[] = [
  { name: "the header", caller: requestOf({ subject: "bob" }, ["x-canary", "yes"]), expected: "next" },
  {
    name: "any line of the header",
    caller: requestOf({ subject: "bob" }, ["x-canary", "no", "x-canary", "yes"]),
    expected: "next",
  },
  { name: "another value", caller: requestOf({ subject: "bob" }, ["x-canary", "yes, no"]), expected: "stable" },
  { name: "the client", caller: requestOf({ subject: "bob", client: "beta-app" }), expected: "beta" },
  { name: "the subject", caller: requestOf({ subject: "ann" }), expected: "staff" },
  {
    name: "the first rule that fits",
    caller: requestOf({ client: "beta-app" }, ["x-canary", "yes"]),
    expected: "next",
  },
  { name: "nobody", caller: requestOf({ subject: "anonymous", method: "none" }), expected: "stable" },
];
for (const { name, caller, expected } of canaries)
  test(`a canary knows its callers by its rule: ${name}`, () => assert.equal(chooserOf(canary)(caller), expected));
