import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { StoreUnavailable, type Store } from "@tandem/platform/store/store";
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
