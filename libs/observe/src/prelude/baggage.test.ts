import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf } from "@tandem/platform/cost-of.testing";
import { baggageOf } from "./baggage.ts";

const many = (count: number): string => Array.from({ length: count }, (_, index) => `k${index}=v`).join(",");

const cases = [
  { name: "none", given: [], expected: undefined },
  { name: "one member", given: ["user=7"], expected: "user=7" },
  { name: "members in two lines", given: ["a=1,b=2", "c=3"], expected: "a=1,b=2,c=3" },
  { name: "blanks and properties", given: ["a = 1 ; ttl=5; x , b=%20"], expected: "a = 1 ; ttl=5; x , b=%20" },
  { name: "an empty value", given: ["a="], expected: "a=" },
  { name: "64 members", given: [many(64)], expected: many(64) },
  { name: "65 members", given: [many(65)], expected: undefined },
  { name: "more than 8 KiB", given: [`a=${"x".repeat(8191)}`], expected: undefined },
  { name: "a member without a sign", given: ["a=1,b"], expected: undefined },
  { name: "a key with a blank", given: ["a b=1"], expected: undefined },
  { name: "a quote", given: ['a="1"'], expected: undefined },
  { name: "letters beyond ASCII", given: ["a=\u00e9"], expected: undefined },
  { name: "a control character", given: ["a=1\u0001"], expected: undefined },
  { name: "an empty line", given: [""], expected: undefined },
];
for (const { name, given, expected } of cases)
  test(`${name} ${expected === undefined ? "is dropped" : "is carried on"}`, () =>
    assert.equal(baggageOf(given), expected));

test("hostile baggage is judged at a cost in proportion to its length", () => {
  const cost = (times: number): number =>
    costOf(() => {
      baggageOf([`a=1;${" ;".repeat(times)}\u0001`]);
      baggageOf([`${"!".repeat(times)} `]);
    });
  const [short, long] = [cost(500), cost(4_000)];
  assert.ok(long < 30 * short, `${short} ms became ${long} ms, eight times as long`);
});
