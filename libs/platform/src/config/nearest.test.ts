import assert from "node:assert/strict";
import test from "node:test";
import { editDistance, nearest } from "./nearest.ts";

const distances: [string, string, number][] = [
  ["", "", 0],
  ["", "abc", 3],
  ["service", "service", 0],
  ["servce", "service", 1],
  ["serivce", "service", 1],
  ["kitten", "sitting", 3],
];
for (const [left, right, expected] of distances) {
  test(`"${left}" is ${expected} slips from "${right}"`, () => {
    assert.equal(editDistance(left, right), expected);
    assert.equal(editDistance(right, left), expected);
  });
}

const words = ["service", "services", "balance", "timeout", "retry"];
const guesses: [string, string | undefined][] = [
  ["servce", "service"],
  ["Service", "service"],
  ["tiemout", "timeout"],
  ["port", undefined],
  ["", undefined],
  ["x".repeat(200), undefined],
];
for (const [word, expected] of guesses) {
  test(`"${word.slice(0, 10)}" was meant to be ${expected ?? "nothing we know"}`, () => {
    assert.equal(nearest(word, words), expected);
  });
}

test("without candidates there is no guess", () => assert.equal(nearest("a", []), undefined));
