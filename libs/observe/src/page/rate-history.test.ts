import assert from "node:assert/strict";
import { test } from "node:test";
import type { RatesAnswer } from "../metrics/rates-of.ts";
import { quantile, RateHistory } from "./rate-history.ts";

const bounds = [0.01, 0.1, 1];

/** A reading at so many seconds. */
const reading = (at: number, requests: number, more: Partial<RatesAnswer> = {}): RatesAnswer => ({
  service: "routing-gateway",
  instance: "one",
  at: at * 1000,
  inFlight: 0,
  bounds,
  routes: [{ route: "orders", requests, refused: requests / 2, failed: 0, counts: [requests, 0, 0, 0] }],
  ...more,
});

test("a rate is what came between two readings, by the time between them", () => {
  const history = new RateHistory();
  history.add(reading(0, 100));
  assert.equal(history.rates()[0]?.requests, 0);
  assert.equal(history.rates()[0]?.p50, undefined);
  history.add(reading(2, 120));
  const [orders] = history.rates();
  assert.deepEqual([orders?.requests, orders?.refused, orders?.failed], [10, 5, 0]);
  assert.deepEqual([orders?.p50, orders?.course], [5, [10]]);
});

test("a rate forgets in seconds, a quantile in a minute", () => {
  const history = new RateHistory();
  for (let second = 0; second <= 200; second += 2) history.add(reading(second, Math.min(second, 150) * 10));
  const [orders] = history.rates();
  assert.equal(orders?.requests, 0);
  assert.equal(orders?.course.length, 31);
  assert.ok(orders?.p50 !== undefined);
  for (let second = 202; second <= 300; second += 2) history.add(reading(second, 1500));
  assert.equal(history.rates()[0]?.p50, undefined);
});

test("a process that was started anew counts from nothing, and so do we", () => {
  const history = new RateHistory();
  history.add(reading(0, 100));
  history.add(reading(2, 3, { instance: "two" }));
  assert.equal(history.rates()[0]?.requests, 0);
  history.add(reading(4, 5, { instance: "two" }));
  assert.equal(history.rates()[0]?.requests, 1);
});

test("a route that appears counts from nothing, and the busiest comes first", () => {
  const history = new RateHistory();
  history.add(reading(0, 1));
  const routes = [
    { route: "orders", requests: 1, refused: 0, failed: 0, counts: [1, 0, 0, 0] },
    { route: "new", requests: 4, refused: 0, failed: 4, counts: [0, 0, 0, 4] },
  ];
  history.add(reading(2, 1, { routes }));
  assert.deepEqual(
    history.rates().map(({ route, failed, p95 }) => [route, failed, p95]),
    [
      ["new", 2, 1000],
      ["orders", 0, undefined],
    ],
  );
});

for (const { name, counts, share, expected } of [
  { name: "nothing was timed", counts: [0, 0, 0, 0], share: 0.5, expected: undefined },
  { name: "all are in one bucket", counts: [0, 10, 0, 0], share: 0.5, expected: 55 },
  { name: "it lies in the second", counts: [50, 50, 0, 0], share: 0.95, expected: 91 },
  { name: "it lies beyond the last bound", counts: [1, 0, 0, 99], share: 0.5, expected: 1000 },
])
  test(`a quantile where ${name}`, () => {
    const found = quantile(share, counts, bounds);
    assert.equal(found && Math.round(found), expected);
  });
