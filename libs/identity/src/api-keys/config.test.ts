import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeysSchema } from "./config.ts";

test("keys are in a file or in the store, and an old secret stays good for a day", () => {
  assert.equal(apiKeysSchema.parse(undefined), undefined);
  assert.deepEqual(apiKeysSchema.parse({ file: "keys.yaml" }), { file: "keys.yaml", overlap: 86_400_000 });
  assert.deepEqual(apiKeysSchema.parse({ store: true, overlap: "1h" }), { store: true, overlap: 3_600_000 });
});

for (const wrong of [
  {},
  { store: false },
  { file: "" },
  { file: "a", store: true },
  { store: true, overlap: "31d" },
  { stores: true },
])
  test(`${JSON.stringify(wrong)} is no place for keys`, () =>
    assert.equal(apiKeysSchema.safeParse(wrong).success, false));
