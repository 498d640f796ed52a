import assert from "node:assert/strict";
import { test } from "node:test";
import { upgradesField } from "./config.ts";

test("a WebSocket may be silent for five minutes and live for ever, unless it is said otherwise", () => {
  assert.deepEqual(upgradesField.parse(undefined), { idleTimeout: 300_000 });
  assert.deepEqual(upgradesField.parse({ idleTimeout: "30s", maxAge: "24h" }), {
    idleTimeout: 30_000,
    maxAge: 86_400_000,
  });
});

for (const given of [{ maxAge: "0s" }, { idleTimeout: "never" }, { idleTimeout: "0s" }, { age: "1h" }])
  test(`${JSON.stringify(given)} is refused`, () => {
    assert.equal(upgradesField.safeParse(given).success, false);
  });
