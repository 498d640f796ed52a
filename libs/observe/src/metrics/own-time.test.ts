import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attempt } from "@tandem/contracts/upstream";
import { RequestRecord } from "@tandem/kernel/record";
import { ownTime } from "./own-time.ts";

const attempt = (times: Pick<Attempt, "startedAt" | "firstByteAt" | "endedAt">): Attempt => ({
  target: "orders",
  instance: "orders-1",
  spanId: "1111111111111111",
  ...times,
});

function recordOf(attempts: Attempt[], end: Partial<RequestRecord>): RequestRecord {
  const record = Object.assign(new RequestRecord(), end);
  record.attempts.push(...attempts);
  return record;
}

test("what a service took until its first byte is not ours", () => {
  const record = recordOf([attempt({ startedAt: 2, firstByteAt: 50, endedAt: 90 })], { firstByteAt: 51, duration: 90 });
  assert.equal(ownTime(record), 3);
});

test("a pause between two tries is ours, the tries are not", () => {
  const tries = [attempt({ startedAt: 1, endedAt: 11 }), attempt({ startedAt: 16, firstByteAt: 26, endedAt: 30 })];
  assert.equal(ownTime(recordOf(tries, { firstByteAt: 26, duration: 30 })), 6);
});

test("a hedge and the try beside it were waited for once", () => {
  const both = [attempt({ startedAt: 1, endedAt: 40 }), attempt({ startedAt: 20, firstByteAt: 40, endedAt: 45 })];
  assert.equal(ownTime(recordOf(both, { firstByteAt: 41, duration: 45 })), 2);
});

test("where nobody was asked all of it is ours, and where nobody answered what was not waiting", () => {
  assert.equal(ownTime(recordOf([], { duration: 4 })), 4);
  assert.equal(ownTime(recordOf([attempt({ startedAt: 1, endedAt: 100 })], { duration: 101 })), 2);
});
