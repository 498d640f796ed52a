import assert from "node:assert/strict";
import { test } from "node:test";
import { FairLine } from "./fair-line.ts";

/** Tells who is in, in their order. */
function crowd(line: FairLine, patience = 60_000) {
  const inside: string[] = [];
  const come = (name: string) => line.enter(name.charAt(0), patience).then(() => void inside.push(name));
  return { inside, come };
}

const settled = (): Promise<void> => new Promise(setImmediate);

test("who comes alone waits for one of a crowd, not for all of it", async () => {
  const line = new FairLine({ inside: 1, waiting: 10, each: 5 });
  const { inside, come } = crowd(line);
  const all = ["a1", "a2", "a3", "a4", "b1", "b2", "c1"].map(come);
  for (let count = 0; count < 6; count++) {
    await settled();
    line.leave();
  }
  await Promise.all(all);
  assert.deepEqual(inside, ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]);
});

test("a crowd does not take the places of others, nor all of them more than there are", async () => {
  const line = new FairLine({ inside: 1, waiting: 3, each: 2 });
  const { inside, come } = crowd(line);
  const all = ["a1", "a2", "a3"].map(come);
  await assert.rejects(come("a4"), /too many/);
  all.push(come("b1"));
  await assert.rejects(come("c1"), /too many/);
  for (let count = 0; count < 3; count++) line.leave();
  await Promise.all(all);
  assert.deepEqual(inside, ["a1", "a2", "b1", "a3"]);
  line.leave();
  await come("c2");
  assert.equal(inside.at(-1), "c2");
});

test("nobody waits longer than their patience, and their place is free again", async () => {
  const line = new FairLine({ inside: 1, waiting: 1, each: 1 });
  const { inside, come } = crowd(line, 5);
  await come("a1");
  await assert.rejects(come("a2"), /not its turn within 5 ms/);
  const next = crowd(line).come("b1");
  line.leave();
  await next;
  line.leave();
  await come("a3");
  assert.deepEqual(inside, ["a1", "a3"]);
});
