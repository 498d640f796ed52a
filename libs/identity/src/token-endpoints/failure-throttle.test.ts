import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { StoreUnavailable, type Store } from "@tandem/platform/store/store";
import { until } from "@tandem/platform/testing";
import { FailureThrottle } from "./failure-throttle.ts";

const broken: Store = Object.assign(new MemoryStore(), {
  get: () => Promise.reject(new StoreUnavailable("down")),
  increment: () => Promise.reject(new StoreUnavailable("down")),
});

function throttleAt(store?: Store) {
  const world = { now: 0, tried: 0 };
  const clock = { now: () => world.now, monotonic: () => world.now };
  const shared = store ?? new MemoryStore({ clock });
  const throttle = new FailureThrottle({ store: shared, clock, limit: 3, window: 1000 });
  const fail = (key = "k") =>
    throttle.attempt(key, () => {
      world.tried++;
      return undefined;
    });
  return { world, clock, throttle, shared, fail };
}

test("after the limit nothing is tried until the window is over", async () => {
  const { world, throttle, fail } = throttleAt();
  for (let count = 0; count < 3; count++) assert.deepEqual(await fail(), { failed: true });
  assert.deepEqual(await fail(), { wait: 1000 });
  assert.deepEqual(await throttle.attempt("k", () => "proved"), { wait: 1000 });
  assert.equal(world.tried, 3);
  world.now = 1000;
  assert.deepEqual(await throttle.attempt("k", () => "proved"), { proved: "proved" });
});

test("success counts for nothing, and one key not for another", async () => {
  const { throttle, fail } = throttleAt();
  for (let count = 0; count < 10; count++) assert.deepEqual(await throttle.attempt("k", () => 1), { proved: 1 });
  for (let count = 0; count < 3; count++) await fail("other");
  assert.deepEqual(await throttle.attempt("k", () => 1), { proved: 1 });
});

test("many attempts at the same moment are no way around the limit", async () => {
  const { world, fail } = throttleAt();
  await Promise.all(Array.from({ length: 100 }, () => fail()));
  assert.equal(world.tried, 3);
});

test("failures at one gateway count at the other", async () => {
  const one = throttleAt();
  const other = throttleAt(one.shared);
  for (let count = 0; count < 3; count++) await one.fail();
  assert.deepEqual(await other.fail(), { wait: 1000 });
  assert.equal(other.world.tried, 0);
});

test("without the store each process counts for itself", async () => {
  const { world, throttle, fail } = throttleAt(broken);
  assert.deepEqual(await throttle.attempt("k", () => 1), { proved: 1 });
  for (let count = 0; count < 5; count++) await fail();
  assert.equal(world.tried, 3);
  assert.deepEqual(await throttle.attempt("k", () => 1), { wait: 1000 });
});

test("a defect of the store is not taken for its absence", async () => {
  const defective: Store = Object.assign(new MemoryStore(), { get: () => Promise.reject(new TypeError("defect")) });
  await assert.rejects(throttleAt(defective).fail(), TypeError);
});

/** Attempts that end when they are told to. */
function slow(throttle: FailureThrottle) {
  const ends: ((proved: 1 | undefined) => void)[] = [];
  const begin = () => throttle.attempt("k", () => new Promise<1 | undefined>((resolve) => ends.push(resolve)));
  return { ends, begin };
}

test("attempts that take their time are no way around the limit, not even all at once", async () => {
  const { throttle } = throttleAt();
  const { ends, begin } = slow(throttle);
  const all = Promise.all(Array.from({ length: 50 }, begin));
  await until("as many as the limit are under way", () => ends.length === 3);
  for (const end of ends) end(undefined);
  const outcomes = await all;
  assert.equal(outcomes.filter((outcome) => "failed" in outcome).length, 3);
  assert.equal(outcomes.filter((outcome) => "wait" in outcome).length, 47);
  assert.equal(ends.length, 3);
});

test("those that succeed make way for those that wait, and none is refused", async () => {
  const { throttle } = throttleAt();
  const { ends, begin } = slow(throttle);
  const all = Promise.all(Array.from({ length: 20 }, begin));
  for (let count = 0; count < 20; count++) {
    await until("one more is under way", () => ends.length > count);
    assert.ok(ends.length <= count + 3);
    ends[count]?.(1);
  }
  assert.deepEqual(
    await all,
    Array.from({ length: 20 }, () => ({ proved: 1 })),
  );
});

test("what nobody could tell is no failure, and makes way too", async () => {
  const { throttle } = throttleAt();
  const down = () => throttle.attempt("k", () => Promise.reject(new Error("down")));
  const outcomes = await Promise.allSettled(Array.from({ length: 12 }, down));
  assert.ok(outcomes.every(({ status }) => status === "rejected"));
  assert.deepEqual(await throttle.attempt("k", () => 1), { proved: 1 });
});

test("more than a crowd does not wait: nobody can tell at the moment", async () => {
  const { throttle } = throttleAt();
  const { ends, begin } = slow(throttle);
  const all = Array.from({ length: 3 + 256 }, begin);
  await until("as many as the limit are under way", () => ends.length === 3);
  await assert.rejects(begin(), { code: "identity.unavailable", status: 503 });
  ends[0]?.(undefined);
  ends[1]?.(undefined);
  ends[2]?.(undefined);
  await Promise.all(all);
});
