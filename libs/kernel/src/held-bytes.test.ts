import assert from "node:assert/strict";
import { test } from "node:test";
import { HeldBytes } from "./held-bytes.ts";

test("there is room up to the last byte, and not for one more", () => {
  const held = new HeldBytes(10);
  const first = held.reserve(4);
  assert.ok(first && held.reserve(6));
  assert.equal(held.now, 10);
  assert.equal(held.reserve(1), undefined);
  assert.equal(held.now, 10, "what was refused takes nothing");
  first.release();
  assert.equal(held.now, 6);
  assert.ok(held.reserve(4));
});

test("room is given back by the last of those who use it", () => {
  const held = new HeldBytes(10);
  const room = held.reserve(7)!;
  room.keep();
  room.release();
  assert.equal(held.now, 7);
  room.release();
  assert.equal(held.now, 0);
});

test("a body that is shorter than was thought takes no more than it is", () => {
  const held = new HeldBytes(10);
  const room = held.reserve(8)!;
  room.shrink(3);
  assert.equal(held.now, 3);
  room.shrink(5);
  assert.equal(held.now, 3, "it does not grow");
  room.release();
  assert.equal(held.now, 0);
});
