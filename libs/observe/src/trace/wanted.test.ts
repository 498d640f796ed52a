import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestRecord } from "@tandem/kernel/record";
import { isWanted } from "./wanted.ts";

const ids = { traceId: "a".repeat(32), spanId: "b".repeat(16), random: true };
const unsampled = { trace: { ...ids, sampled: false }, status: 200, duration: 10 };

const cases = [
  { name: "a sampled request is wanted", given: { ...unsampled, trace: { ...ids, sampled: true } }, expected: true },
  { name: "an unsampled one that went well is not", given: unsampled, expected: false },
  { name: "a refused client is not", given: { ...unsampled, status: 403 }, expected: false },
  { name: "a failure of ours is", given: { ...unsampled, status: 503 }, expected: true },
  {
    name: "a method that nobody supports is none of ours, or any stranger could have its requests exported",
    given: { ...unsampled, status: 501, error: "request.method" as const },
    expected: false,
  },
  { name: "a slow one is", given: { ...unsampled, duration: 1000 }, expected: true },
  {
    name: "an upgrade that lasted is not slow",
    given: { ...unsampled, duration: 1000, upgrade: "websocket" },
    expected: false,
  },
];
for (const { name, given, expected } of cases) {
  test(name, () => assert.equal(isWanted(Object.assign(new RequestRecord(), given), 1000), expected));
}

test("without a limit nothing is slow", () => {
  assert.equal(isWanted(Object.assign(new RequestRecord(), { ...unsampled, duration: 1e6 }), undefined), false);
});
