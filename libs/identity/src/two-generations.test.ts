import assert from "node:assert/strict";
import { test } from "node:test";
import { TwoGenerations } from "./two-generations.ts";

test("what was put in comes out", () => {
  const map = new TwoGenerations<number>(10);
  map.set("a", 1);
  assert.equal(map.get("a"), 1);
  assert.equal(map.get("b"), undefined);
});

test("it never holds more than its capacity", () => {
  const map = new TwoGenerations<number>(10);
  for (let index = 0; index < 1000; index++) {
    map.set(String(index), index);
    map.get(String(index - 5));
    assert.ok(map.size <= 10, `${map.size} entries`);
  }
});

test("what is asked for survives any number of newcomers", () => {
  const map = new TwoGenerations<number>(10);
  map.set("wanted", 1);
  for (let index = 0; index < 1000; index++) {
    map.set(String(index), index);
    assert.equal(map.get("wanted"), 1);
  }
  assert.equal(map.get("0"), undefined);
});

test("a newer value hides the one of the old generation", () => {
  const map = new TwoGenerations<number>(4);
  map.set("a", 1);
  map.set("b", 1);
  map.set("c", 1);
  map.set("a", 2);
  assert.equal(map.get("a"), 2);
});

test("deleting and clearing reach both generations", () => {
  const map = new TwoGenerations<number>(4);
  for (const key of ["a", "b", "c"]) map.set(key, 1);
  map.delete("a");
  assert.equal(map.get("a"), undefined);
  map.clear();
  assert.equal(map.get("b"), undefined);
  assert.equal(map.size, 0);
});
