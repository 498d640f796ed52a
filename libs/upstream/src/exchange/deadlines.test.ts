import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines } from "./deadlines.ts";

test("who hears nothing in time gives up, and nobody else does", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const deadlines = new Deadlines(100);
  const gaveUp: string[] = [];
  const waiting = (name: string, deadline: number) => ({
    deadline,
    place: -1,
    giveUp() {
      gaveUp.push(name);
      deadlines.delete(this);
    },
  });
  const now = performance.now();
  deadlines.add(waiting("early", now - 1));
  deadlines.add(waiting("late", now + 60_000));
  const done = waiting("done", now - 1);
  deadlines.add(done);
  deadlines.delete(done);
  t.mock.timers.tick(10);
  assert.deepEqual(gaveUp, ["early"]);
});

test("one that moved its deadline on is left alone", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const deadlines = new Deadlines(100);
  let gaveUp = false;
  const waiting = { deadline: performance.now() - 1, place: -1, giveUp: () => (gaveUp = true) };
  deadlines.add(waiting);
  waiting.deadline = performance.now() + 60_000;
  t.mock.timers.tick(50);
  assert.equal(gaveUp, false);
});

test("those who stop waiting, in whatever order, are forgotten, and all others are not", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const deadlines = new Deadlines(100);
  const gaveUp: number[] = [];
  const all = Array.from({ length: 7 }, (_, number) => ({
    deadline: performance.now() - 1,
    place: -1,
    giveUp() {
      gaveUp.push(number);
      deadlines.delete(this);
    },
  }));
  for (const waiting of all) deadlines.add(waiting);
  for (const number of [6, 0, 3, 3, 0]) deadlines.delete(all[number]!);
  t.mock.timers.tick(50);
  assert.deepEqual(
    gaveUp.toSorted((one, other) => one - other),
    [1, 2, 4, 5],
  );
});
