import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "./decide.ts";

const cases = [
  { name: "a length below the limit passes", declared: "9", expected: "pass" },
  { name: "a length at the limit passes", declared: "10", expected: "pass" },
  { name: "a length above the limit is refused", declared: "11", expected: "refuse" },
  { name: "a length beyond all numbers is refused", declared: "9".repeat(400), expected: "refuse" },
  { name: "a length that is no number is refused", declared: "ten", expected: "refuse" },
  { name: "two lengths are no number", declared: "5, 5", expected: "refuse" },
  { name: "no length at all has to be counted", declared: undefined, expected: "count" },
];

for (const { name, declared, expected } of cases) test(name, () => assert.equal(decide(declared, 10), expected));
