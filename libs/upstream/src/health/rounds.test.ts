import assert from "node:assert/strict";
import { setImmediate as settled } from "node:timers/promises";
import { test } from "node:test";
import { startRounds } from "./rounds.ts";

test("it asks after a pause, and never a second time while an answer is due", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const answers: ((result: number) => void)[] = [];
  const told: number[] = [];
  const rounds = startRounds<number>({
    ask: () => new Promise((resolve) => answers.push(resolve)),
    tell: (result) => told.push(result),
    pause: () => 100,
  });
  t.after(() => rounds.close());
  assert.equal(answers.length, 0);
  t.mock.timers.tick(100);
  t.mock.timers.tick(10_000);
  assert.equal(answers.length, 1);
  answers[0]?.(7);
  await settled();
  assert.deepEqual(told, [7]);
  t.mock.timers.tick(99);
  assert.equal(answers.length, 1);
  t.mock.timers.tick(1);
  assert.equal(answers.length, 2);
});

test("closed in the middle of a question it tells nothing any more, and asks nothing", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let [asked, told, aborted] = [0, 0, false];
  let answer = (): void => {};
  const rounds = startRounds({
    ask: (signal) => {
      asked++;
      signal.addEventListener("abort", () => (aborted = true));
      return new Promise<void>((resolve) => (answer = resolve));
    },
    tell: () => told++,
    pause: () => 100,
  });
  t.mock.timers.tick(100);
  rounds.close();
  answer();
  await settled();
  t.mock.timers.tick(10_000);
  assert.deepEqual([asked, told, aborted], [1, 0, true]);
});
