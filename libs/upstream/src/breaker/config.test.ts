import assert from "node:assert/strict";
import { test } from "node:test";
import { breakerSchema } from "./config.ts";

test("there is no breaker before somebody asks for one, and then with defaults", () => {
  assert.equal(breakerSchema.parse(undefined), undefined);
  const { failures, window, minRequests, rest, trials } = breakerSchema.parse({}) ?? assert.fail();
  assert.deepEqual([failures, window, minRequests, rest, trials], [0.5, 10_000, 20, 10_000, 1]);
});

for (const given of [{ failures: 0 }, { failures: 50 }, { rest: "0ms" }, { trials: 0 }, { timeout: "1s" }])
  test(`${JSON.stringify(given)} is refused`, () => assert.equal(breakerSchema.safeParse(given).success, false));
