import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { TestInstance } from "../pool/testing.ts";
import { roundRobin } from "./round-robin.ts";

const { exchange } = exchangeOf();

const cases = [
  { weights: { a: 1, b: 1, c: 1 }, random: 0, order: "a b c a b c" },
  { weights: { a: 1, b: 1, c: 1 }, random: 0.5, order: "b c a b c a" },
  { weights: { a: 1, b: 1, c: 1 }, random: 0.999, order: "c a b c a b" },
  { weights: { a: 50, b: 50 }, random: 0, order: "a b a b" },
  { weights: { a: 3, b: 1 }, random: 0, order: "a a b a a a b a" },
  { weights: { a: 1, b: 2, c: 4 }, random: 0, order: "c b c a c b c c" },
];
for (const { weights, random, order } of cases)
  test(`weights ${JSON.stringify(weights)} from the draw ${random} give ${order}`, () => {
    const instances = Object.entries(weights).map(([id, weight]) => new TestInstance(id, { weight }));
    const choose = roundRobin({ random: () => random })(instances);
    assert.equal(
      order
        .split(" ")
        .map(() => choose(exchange, [])?.id)
        .join(" "),
      order,
    );
  });
