import assert from "node:assert/strict";
import { test } from "node:test";
import { producerOf } from "./summed-metrics.ts";

test("figures are read when they are asked for", async () => {
  let things = 1;
  const producer = producerOf([
    { kind: "counter", name: "things", description: "Things", points: () => [{ labels: { a: "b" }, value: things }] },
    {
      kind: "histogram",
      name: "times",
      description: "Times",
      unit: "s",
      bounds: [1, 2],
      points: () => [{ labels: {}, value: { count: 3, sum: 4.5, counts: new Float64Array([1, 1, 1]) } }],
    },
  ]);
  things = 2;
  const { resourceMetrics, errors } = await producer.collect();
  const [counter, histogram] = resourceMetrics.scopeMetrics[0]!.metrics;
  assert.deepEqual(errors, []);
  assert.deepEqual(
    counter?.dataPoints.map(({ attributes, value }) => ({ attributes, value })),
    [{ attributes: { a: "b" }, value: 2 }],
  );
  assert.deepEqual(histogram?.dataPoints[0]?.value, {
    count: 3,
    sum: 4.5,
    buckets: { boundaries: [1, 2], counts: [1, 1, 1] },
  });
});
