import assert from "node:assert/strict";
import { test } from "node:test";
import { createRing } from "./ring.ts";

test("the newest come first, and no more than there is room for", () => {
  const ring = createRing<number>({ keep: 3 });
  assert.deepEqual([...ring.items()], []);
  for (const item of [1, 2, 3, 4, 5]) ring.add(item);
  assert.deepEqual([...ring.items()], [5, 4, 3]);
});

test("what is too old is forgotten, and its place is there for others", () => {
  let now = 0;
  const ring = createRing<string>({ keep: 3, age: 100, now: () => now });
  ring.add("a");
  now = 60;
  ring.add("b");
  now = 120;
  assert.deepEqual([...ring.items()], ["b"]);
  for (const item of ["c", "d", "e"]) ring.add(item);
  assert.deepEqual([...ring.items()], ["e", "d", "c"]);
  now = 500;
  assert.deepEqual([...ring.items()], []);
});

test("together they weigh no more than they may, and what alone is too heavy is not taken", () => {
  const ring = createRing<string>({ keep: 10, most: 10 });
  ring.add("a", 4);
  ring.add("b", 4);
  ring.add("c", 4);
  assert.deepEqual([...ring.items()], ["c", "b"]);
  ring.add("d", 11);
  assert.deepEqual([...ring.items()], ["c", "b"]);
  ring.add("e", 10);
  assert.deepEqual([...ring.items()], ["e"]);
});

test("one without room keeps nothing", () => {
  const ring = createRing<string>({ keep: 0 });
  ring.add("a");
  assert.deepEqual([...ring.items()], []);
});
