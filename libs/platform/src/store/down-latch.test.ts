import assert from "node:assert/strict";
import test from "node:test";
import { fixedClock } from "../testing.ts";
import { DownLatch } from "./down-latch.ts";

function create() {
  const clock = fixedClock();
  return { clock, latch: new DownLatch({ downMs: 500, clock }) };
}

test("all go in until one fails; then none for a while", () => {
  const { clock, latch } = create();
  assert.deepEqual([latch.tryEnter(), latch.tryEnter()], [true, true]);
  assert.equal(latch.failed(), true);
  assert.equal(latch.failed(), false, "the second failure is no news");
  clock.advance(499);
  assert.equal(latch.tryEnter(), false);
});

test("after the while one alone tries, and its success lets all in", () => {
  const { clock, latch } = create();
  latch.failed();
  clock.advance(500);
  assert.deepEqual([latch.tryEnter(), latch.tryEnter()], [true, false]);
  assert.equal(latch.succeeded(), true);
  assert.deepEqual([latch.tryEnter(), latch.tryEnter()], [true, true]);
  assert.equal(latch.succeeded(), false, "a success in good times is no news");
});

test("its failure begins another while", () => {
  const { clock, latch } = create();
  latch.failed();
  clock.advance(500);
  assert.equal(latch.tryEnter(), true);
  assert.equal(latch.failed(), false);
  assert.equal(latch.tryEnter(), false);
  clock.advance(500);
  assert.equal(latch.tryEnter(), true);
});
