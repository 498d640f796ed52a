import assert from "node:assert/strict";
import { test } from "node:test";
import { drawing } from "@tandem/platform/drawing.testing";
import { chiSquare, critical, instancesOf } from "./testing.ts";
import { layLots } from "./weighted-lots.ts";

const cases: readonly (readonly number[])[] = [
  [1, 1, 1, 1],
  [1, 3, 2],
  [0.001, 0.002, 0.003],
  [1e6, 2e6],
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
];
for (const weights of cases)
  test(`lots fall as the weights ${weights.join(" ")} say`, () => {
    const instances = instancesOf(...weights);
    const draw = layLots(instances, drawing(3).next);
    const counts = weights.map(() => 0);
    for (let turn = 0; turn < 20_000; turn++) {
      const drawn = draw();
      counts[instances.findIndex((one) => one === drawn)]!++;
    }
    assert.ok(chiSquare(counts, weights) < critical[weights.length - 1]!, counts.join(" "));
  });

test("the ends of what is drawn lead to somebody, whatever was rounded", () => {
  for (const weights of [[0.1, 0.2, 0.3], [1 / 3, 1 / 3, 1 / 3], [1e-9, 1], Array.from({ length: 999 }, () => 0.1)])
    for (const drawn of [0, 0.5, 1 - Number.EPSILON / 2])
      assert.ok(layLots(instancesOf(...weights), () => drawn)(), `${drawn} of ${weights.length}`);
});

test("who has next to no weight is not drawn by rounding", () => {
  const instances = instancesOf(1, 1e-12, 1);
  const draw = layLots(instances, drawing(5).next);
  for (let turn = 0; turn < 10_000; turn++) assert.notEqual(draw(), instances[1]);
});
