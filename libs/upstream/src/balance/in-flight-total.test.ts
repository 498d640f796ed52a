import assert from "node:assert/strict";
import { test } from "node:test";
import { followInFlight } from "./in-flight-total.ts";
import { alike } from "./testing.ts";

for (const count of [1, 2, 4])
  test(`of ${count} the total is exact`, () => {
    const instances = alike(count);
    instances[0]!.inFlight = 3;
    const total = followInFlight(instances);
    assert.equal(total(), 3);
    for (const instance of instances) instance.begin();
    assert.equal(total(), 3 + count);
    instances[0]!.end();
    assert.equal(total(), 2 + count);
  });

test("of many it is right again after a quarter of their count", () => {
  const instances = alike(10);
  const total = followInFlight(instances);
  for (const instance of instances) instance.inFlight = 7;
  const seen = [total(), total(), total(), total()];
  assert.deepEqual(seen, [28, 56, 70, 70]);
});
