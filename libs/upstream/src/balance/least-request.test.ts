import assert from "node:assert/strict";
import { test } from "node:test";
import { drawing } from "@tandem/platform/drawing.testing";
import { TestInstance } from "../pool/testing.ts";
import { leastRequest } from "./least-request.ts";
import { alike, asking, instancesOf, spread } from "./testing.ts";

const exchange = asking();
const requests = (count: number) => Array.from({ length: count }, () => exchange);

for (const count of [2, 3])
  test(`of ${count} idle instances each gets exactly its turn`, () => {
    const instances = alike(count);
    const choose = leastRequest({ random: drawing(2).next })(instances);
    assert.deepEqual(
      spread(choose, instances, requests(count * 100)),
      instances.map(() => 100),
    );
  });

for (const count of [2, 3, 20])
  test(`of ${count}, the only busy one is never chosen`, () => {
    const instances = alike(count);
    instances[0]!.inFlight = 1;
    const counts = spread(leastRequest({ random: drawing(2).next })(instances), instances, requests(2_000));
    assert.equal(counts[0], 0);
    assert.ok(Math.min(...counts.slice(1)) > 0.7 * (2_000 / (count - 1)), counts.join(" "));
  });

test("of two, the busier is not chosen a quarter of the times", () => {
  const [busy, idle] = [new TestInstance("a", { inFlight: 5 }), new TestInstance("b", { inFlight: 4 })];
  assert.deepEqual(
    spread(leastRequest({ random: drawing(2).next })([busy, idle]), [busy, idle], requests(1_000)),
    [0, 1_000],
  );
});

test("in flight counts by weight", () => {
  const [heavy, light] = [
    new TestInstance("a", { weight: 3, inFlight: 5 }),
    new TestInstance("b", { weight: 1, inFlight: 2 }),
  ];
  const choose = leastRequest({ random: drawing(2).next })([heavy, light]);
  assert.equal(choose(exchange, []), heavy);
  heavy.inFlight = 7;
  assert.equal(choose(exchange, []), light);
});

test("one that hung and is idle again does not get all the turns that it missed", () => {
  const instances = alike(2);
  const choose = leastRequest({ random: drawing(2).next })(instances);
  instances[0]!.inFlight = 1;
  spread(choose, instances, requests(500));
  instances[0]!.inFlight = 0;
  const [back, other] = spread(choose, instances, requests(10));
  assert.ok(back! <= 6 && other! >= 4, `${back} ${other}`);
});

test("in flight ends up as the weights say when nothing ends", () => {
  for (const weights of [
    [1, 3],
    [1, 2, 3, 4, 5, 5, 5, 5],
  ]) {
    const instances = instancesOf(...weights);
    const choose = leastRequest({ random: drawing(2).next })(instances);
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    for (let turn = 0; turn < whole * 100; turn++) choose(exchange, [])!.begin();
    for (const { weight, inFlight, id } of instances)
      assert.ok(Math.abs(inFlight / weight - 100) < 8, `${id}: ${inFlight} for ${weight}`);
  }
});
