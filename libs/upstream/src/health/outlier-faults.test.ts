import assert from "node:assert/strict";
import { test } from "node:test";
import { healthSchema } from "./config.ts";
import { outlierFaults } from "./outlier-faults.ts";

const cases: { name: string; origins?: string[]; minHealthy?: number; expected: string[] }[] = [
  { name: "the default of a single instance is none", origins: ["http://a:80"], expected: [] },
  { name: "two for a single instance", origins: ["http://a:80"], minHealthy: 2, expected: ["1, or `outlier: false`"] },
  { name: "one of two may go", origins: ["http://a:80", "http://b:80"], minHealthy: 1, expected: [] },
  {
    name: "as many as there are, because nobody could go",
    origins: ["http://a:80", "http://b:80", "http://c:80"],
    minHealthy: 3,
    expected: ["at most 2, or `outlier: false`"],
  },
  {
    name: "an instance that is listed twice is one",
    origins: ["http://a:80", "http://b:80", "http://b:80"],
    minHealthy: 2,
    expected: ["1, or `outlier: false`"],
  },
  { name: "what discovery names may be more tomorrow", minHealthy: 1000, expected: [] },
];
for (const { name, origins, minHealthy, expected } of cases)
  test(`a dead minHealthy: ${name}`, () => {
    const health = healthSchema.parse(minHealthy === undefined ? {} : { outlier: { minHealthy } });
    const instances = origins?.map((origin, index) => ({ id: String(index), origin, weight: 1 }));
    const faults = outlierFaults({ orders: { health, ...(instances && { instances }) } });
    assert.deepEqual(
      faults.map((fault) => fault.expected),
      expected,
    );
    for (const { path } of faults) assert.deepEqual(path, ["services", "orders", "health", "outlier", "minHealthy"]);
  });

test("who is never ejected needs nobody left", () => {
  const health = healthSchema.parse({ outlier: false });
  assert.deepEqual(outlierFaults({ orders: { health, instances: [] } }), []);
});
