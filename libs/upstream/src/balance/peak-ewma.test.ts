import assert from "node:assert/strict";
import { test } from "node:test";
import { drawing } from "@tandem/platform/drawing.testing";
import { TestInstance } from "../pool/testing.ts";
import { peakEwma } from "./peak-ewma.ts";
import { asking, instancesOf, spread } from "./testing.ts";

const exchange = asking();
const requests = (count: number) => Array.from({ length: count }, () => exchange);
const withLatency = (...latencies: number[]) =>
  latencies.map((latency, index) => new TestInstance(String(index), { latency }));

for (const latencies of [
  [10, 500],
  [10, 10, 500],
  [10, 10, 10, 10, 10, 10, 10, 500],
])
  test(`of ${latencies.length}, the slow one is left alone`, () => {
    const instances = withLatency(...latencies);
    const counts = spread(peakEwma({ random: drawing(4).next })(instances), instances, requests(1_000));
    assert.equal(counts.at(-1), 0);
  });

test("a slow one is asked as well once the fast one has as much more to do", () => {
  const [fast, slow] = withLatency(10, 100) as [TestInstance, TestInstance];
  const choose = peakEwma({ random: drawing(4).next })([fast, slow]);
  for (let turn = 0; turn < 22; turn++) choose(exchange, [])!.begin();
  assert.deepEqual([fast.inFlight, slow.inFlight], [20, 2]);
});

for (const count of [2, 3, 12])
  test(`of ${count}, one that was slow gets its share again as soon as it is fast`, () => {
    const instances = withLatency(...Array.from({ length: count }, () => 10));
    const [slow] = instances as [TestInstance];
    const choose = peakEwma({ random: drawing(4).next })(instances);
    slow.latency = 1_000;
    assert.equal(spread(choose, instances, requests(600))[0], 0);
    slow.latency = 10;
    const [share] = spread(choose, instances, requests(600));
    assert.ok(Math.abs(share! - 600 / count) < 0.3 * (600 / count), String(share));
  });

for (const others of [1, 2, 9])
  test(`a new one beside ${others} gets its share, and no more while it is silent`, () => {
    const instances = withLatency(0, ...Array.from({ length: others }, () => 20));
    const [fresh, ...known] = instances as [TestInstance, ...TestInstance[]];
    const balance = peakEwma({ random: drawing(4).next });
    const share = 600 / instances.length;
    const [idle] = spread(balance(instances), instances, requests(600));
    assert.ok(Math.abs(idle! - share) < 0.3 * share, `idle: ${idle} of ${share}`);
    const choose = balance(instances);
    for (let turn = 0; turn < 600; turn++) choose(exchange, [])!.begin();
    assert.ok(Math.abs(fresh.inFlight - share) < 0.1 * share, `silent: ${fresh.inFlight} of ${share}`);
    for (const instance of known) instance.inFlight = 0;
    assert.notEqual(choose(exchange, []), fresh);
  });

test("weights decide among those that are equally fast", () => {
  const instances = instancesOf(3, 1);
  for (const instance of instances) instance.latency = 10;
  assert.deepEqual(spread(peakEwma({ random: drawing(4).next })(instances), instances, requests(400)), [300, 100]);
});

test("the one that is slow among three does not come in by way of a new one", () => {
  for (const latencies of [
    [10, 0, 500],
    [500, 0, 10],
    [0, 500, 10],
  ]) {
    const instances = withLatency(...latencies);
    const counts = spread(peakEwma({ random: drawing(4).next })(instances), instances, requests(300));
    assert.equal(counts[latencies.indexOf(500)], 0, latencies.join(" "));
  }
});
