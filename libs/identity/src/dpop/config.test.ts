import assert from "node:assert/strict";
import { test } from "node:test";
import { dpopSchema } from "./config.ts";

test("without a word proofs live for a minute, and nobody guesses who replays them", () =>
  assert.deepEqual(dpopSchema.parse(undefined), { window: 60_000, skew: 5000, withoutStore: "refuse" }));

test("a nonce has a secret that every gateway shares, and five minutes", () => {
  const { nonce } = dpopSchema.parse({ nonce: { secret: "s".repeat(32) } });
  assert.deepEqual([nonce?.lifetime, nonce?.secret.reveal()], [300_000, "s".repeat(32)]);
});

for (const { name, given, says } of [
  { name: "a short secret", given: { nonce: { secret: "s".repeat(31) } }, says: /32 characters/ },
  { name: "no secret", given: { nonce: {} }, says: /secret/ },
  { name: "a window of no length", given: { window: "0s" }, says: /window/ },
  { name: "a window of a day", given: { window: "24h" }, says: /window/ },
  { name: "another word for what to do", given: { withoutStore: "allow" }, says: /withoutStore/ },
  { name: "an unknown key", given: { widow: "60s" }, says: /widow/ },
])
  test(`${name} does not load`, () => {
    const read = dpopSchema.safeParse(given);
    assert.ok(!read.success);
    assert.match(JSON.stringify(read.error.issues), says);
    assert.doesNotMatch(JSON.stringify(read.error.issues), /sss/);
  });
