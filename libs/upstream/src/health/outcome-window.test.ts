import assert from "node:assert/strict";
import { test } from "node:test";
import { OutcomeWindow } from "./outcome-window.ts";

test("what is older than the window is forgotten, a tenth of it at a time", () => {
  const window = new OutcomeWindow(1_000);
  for (let now = 50; now < 1_000; now += 100) window.add(now < 500, now);
  assert.deepEqual([window.ended, window.failed], [10, 5]);
  window.forget(1_250);
  assert.deepEqual([window.ended, window.failed], [7, 5]);
  window.forget(1_950);
  assert.deepEqual([window.ended, window.failed], [0, 0]);
});

test("a long silence empties it, however long it was", () => {
  const window = new OutcomeWindow(1_000);
  window.add(false, 0);
  window.add(false, 1e9);
  assert.deepEqual([window.ended, window.failed], [1, 1]);
});

test("it agrees with counting by hand over a random walk", () => {
  const window = new OutcomeWindow(1_000);
  const all: { good: boolean; at: number }[] = [];
  let now = 7;
  for (let turn = 0; turn < 2_000; turn++) {
    now += (turn * 7919) % 230;
    const good = turn % 3 > 0;
    window.add(good, now);
    all.push({ good, at: now });
    const first = Math.floor(now / 100) - 9;
    const recent = all.filter(({ at }) => Math.floor(at / 100) >= first);
    assert.deepEqual([window.ended, window.failed], [recent.length, recent.filter((one) => !one.good).length]);
  }
});

test("a share counts only once there are enough", () => {
  const window = new OutcomeWindow(1_000);
  for (const [good, exceeds] of [
    [false, false],
    [true, false],
    [true, false],
    [false, true],
    [true, false],
  ] as const) {
    window.add(good, 0);
    assert.equal(window.exceeds(0.5, 4), exceeds);
  }
});
