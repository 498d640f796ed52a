import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines } from "./deadlines.ts";

test("who hears nothing in time gives up, and nobody else does", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const deadlines = new Deadlines({ firstByte: 100, idle: 1000 });
  const gaveUp: string[] = [];
  const waiting = (name: string, deadline: number) => ({
    deadline,
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
  const deadlines = new Deadlines({ firstByte: 100, idle: 100 });
  let gaveUp = false;
  const waiting = { deadline: performance.now() - 1, giveUp: () => (gaveUp = true) };
  deadlines.add(waiting);
  waiting.deadline = performance.now() + 60_000;
  t.mock.timers.tick(50);
  assert.equal(gaveUp, false);
});
