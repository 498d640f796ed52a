import assert from "node:assert/strict";
import test from "node:test";
import { sectionHash } from "./section-hash.ts";

test("the order of keys does not matter, the order of a list does", () => {
  const one = sectionHash({ a: { x: 1, y: [1, 2] }, b: 1 }, ["a"]);
  assert.equal(one, sectionHash({ b: 2, a: { y: [1, 2], x: 1 } }, ["a"]));
  assert.notEqual(one, sectionHash({ a: { x: 1, y: [2, 1] } }, ["a"]));
});

test("a section that is not there differs from an empty one", () => {
  assert.notEqual(sectionHash({}, ["a"]), sectionHash({ a: {} }, ["a"]));
});

test("two sections do not hide behind each other", () => {
  assert.notEqual(sectionHash({ a: 1, b: 2 }, ["a", "b"]), sectionHash({ a: 2, b: 1 }, ["a", "b"]));
});
