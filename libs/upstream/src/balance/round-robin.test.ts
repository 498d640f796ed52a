import assert from "node:assert/strict";
import { test } from "node:test";
import { drawing } from "@tandem/platform/drawing.testing";
import type { Instance } from "../pool/instance.ts";
import type { Choose } from "./balance.ts";
import { roundRobin } from "./round-robin.ts";
import { alike, asking, instancesOf } from "./testing.ts";

const exchange = asking();
const letters = "abcdefghij";

function orderOf(weights: readonly number[], lots: readonly number[], turns: number): string {
  const left = [...lots];
  const instances = instancesOf(...weights);
  const choose = roundRobin({ random: () => left.shift() ?? 0 })(instances);
  return Array.from({ length: turns }, () => letters[placeOf(choose, instances)]).join(" ");
}

const cases = [
  { weights: [1, 1, 1], lots: [0, 0, 0], order: "a b c a b c" },
  { weights: [1, 1, 1], lots: [0.5, 0.2, 0.9], order: "b a c b a c" },
  { weights: [50, 50], lots: [0.1, 0.2], order: "a b a b" },
  { weights: [3, 1], lots: [0.5, 0.5], order: "a a b a a a b a" },
  { weights: [1, 2, 4], lots: [0.5, 0.5, 0.5], order: "c b c a c b c c" },
  { weights: [0.5, 0.25], lots: [0.5, 0.6], order: "a b a a b a a b" },
];
for (const { weights, lots, order } of cases)
  test(`weights ${weights.join(" ")} from the lots ${lots.join(" ")} give ${order}`, () => {
    assert.equal(orderOf(weights, lots, (order.length + 1) / 2), order);
  });

test("over any stretch nobody is more than a turn ahead or behind", () => {
  const weights = [1, 2.5, 0.3, 7, 1];
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const instances = instancesOf(...weights);
  const choose = roundRobin({ random: drawing(1).next })(instances);
  const counts = weights.map(() => 0);
  for (let turn = 1; turn <= 5_000; turn++) {
    counts[placeOf(choose, instances)]!++;
    for (const [index, weight] of weights.entries())
      assert.ok(Math.abs(counts[index]! - (turn * weight) / whole) < 2, `turn ${turn}: ${counts.join(" ")}`);
  }
});

test("weights as far apart as they can be cost no more memory than equal ones", () => {
  const instances = instancesOf(1e-6, 100, 33.333333);
  const choose = roundRobin({ random: drawing(1).next })(instances);
  const counts = [0, 0, 0];
  for (let turn = 0; turn < 4_000; turn++) counts[placeOf(choose, instances)]!++;
  assert.ok(Math.abs(counts[1]! - 3_000) <= 1 && counts[0]! <= 1, counts.join(" "));
});

test("lists that are laid anew for every request still give each its share", () => {
  const instances = instancesOf(3, 1);
  const balance = roundRobin({ random: drawing(1).next });
  let heavy = 0;
  for (let turn = 0; turn < 4_000; turn++) if (balance(instances)(exchange, []) === instances[0]) heavy++;
  // A lone request falls on the light one when that is due within the first third: less often than its share, but it does.
  assert.ok(heavy > 2_800 && heavy < 3_500, String(heavy));
});

test("a turn that was taken by another try is not taken again", () => {
  const [a, b, c] = alike(3);
  const choose = roundRobin({ random: () => 0 })([a!, b!, c!]);
  assert.equal(choose(exchange, []), a);
  assert.equal(choose(exchange, [a!]), b);
  assert.equal(choose(exchange, []), c);
  assert.equal(choose(exchange, []), a);
});

/** Where in the list the next choice stands. */
const placeOf = (choose: Choose, instances: readonly Instance[]): number => instances.indexOf(choose(exchange, [])!);
