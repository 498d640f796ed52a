import assert from "node:assert/strict";
import { test } from "node:test";
import { Turnstile } from "./turnstile.ts";

/** Tells who is in, in their order. */
function crowd(turnstile: Turnstile, patience: number) {
  const inside: string[] = [];
  return { inside, come: (name: string) => turnstile.enter(patience).then(() => void inside.push(name)) };
}

const settled = (): Promise<void> => new Promise(setImmediate);

test("so many are in at once, the others follow in their order", async () => {
  const turnstile = new Turnstile({ inside: 2, waiting: 5 });
  const { inside, come } = crowd(turnstile, 60_000);
  const all = ["a", "b", "c", "d"].map(come);
  await settled();
  assert.deepEqual(inside, ["a", "b"]);
  turnstile.leave();
  await settled();
  assert.deepEqual(inside, ["a", "b", "c"]);
  turnstile.leave();
  await Promise.all(all);
  assert.deepEqual(inside, ["a", "b", "c", "d"]);
});

test("when all have left, as many may come as before", async () => {
  const turnstile = new Turnstile({ inside: 1, waiting: 0 });
  const { inside, come } = crowd(turnstile, 60_000);
  await come("a");
  turnstile.leave();
  await come("b");
  await assert.rejects(come("c"), /too many/);
  assert.deepEqual(inside, ["a", "b"]);
});

test("whoever waits too long leaves the line, and takes nobody's place", async () => {
  const turnstile = new Turnstile({ inside: 1, waiting: 1 });
  await turnstile.enter(1);
  await assert.rejects(turnstile.enter(5), /within 5 ms/);
  const { inside, come } = crowd(turnstile, 60_000);
  const next = come("b");
  await assert.rejects(come("c"), /too many/);
  turnstile.leave();
  await next;
  assert.deepEqual(inside, ["b"]);
  turnstile.leave();
  await come("d");
});
