import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyLimitSchema } from "./config.ts";

const cases = [
  { given: undefined, expected: 10 * 1024 * 1024 },
  { given: "1KiB", expected: 1024 },
  { given: "2GiB", expected: 2 * 1024 ** 3 },
];

for (const { given, expected } of cases) {
  test(`${given ?? "nothing"} means ${expected} bytes`, () => {
    assert.deepEqual(bodyLimitSchema.parse(given), { limit: expected });
  });
}

for (const given of ["10", 10, "-1MiB", "1KB of it", "0B", null]) {
  test(`${JSON.stringify(given)} is no limit`, () => assert.equal(bodyLimitSchema.safeParse(given).success, false));
}
