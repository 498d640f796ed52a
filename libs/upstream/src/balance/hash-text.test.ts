import assert from "node:assert/strict";
import { test } from "node:test";
import { hashText, mix } from "./hash-text.ts";
import { chiSquare, critical } from "./testing.ts";

// Written down, because a gateway of another version must lead a key to the same instance.
const cases: readonly (readonly [text: string, hash: number])[] = [
  ["", 1947474976],
  ["a", 1817065451],
  ["user-1", -2075594218],
  ["ключ", 976887211],
  ["10.0.0.1", 433064193],
];
for (const [text, hash] of cases)
  test(`"${text}" gives the same number for ever`, () => assert.equal(hashText(text), hash));

const families: readonly { name: string; text: (index: number) => string }[] = [
  { name: "counted names", text: (index) => `user-${index}` },
  { name: "numbers", text: String },
  { name: "names that differ at the beginning alone", text: (index) => `${index}-of-the-same-long-name` },
  { name: "ids", text: (index) => `0af76519-16cd-43dd-8448-${index.toString(16).padStart(12, "0")}` },
];
for (const { name, text } of families)
  for (const shift of [0, 8, 22])
    test(`${name} fall evenly on the bits from ${shift} on`, () => {
      const counts = Array.from({ length: 100 }, () => 0);
      for (let index = 0; index < 50_000; index++) counts[((hashText(text(index)) >>> shift) & 0x3ff) % 100]!++;
      // 1024 numbers fall on 100 places: 24 of them get eleven, the others ten.
      const weights = counts.map((_, place) => (place < 24 ? 11 : 10));
      assert.ok(chiSquare(counts, weights) < critical[99]!, String(chiSquare(counts, weights)));
    });

test("one bit more or less changes half of the others", () => {
  for (let bit = 0; bit < 32; bit++) {
    let changed = 0;
    for (let value = 0; value < 1_000; value++) changed += ones(mix(value) ^ mix(value ^ (1 << bit)));
    assert.ok(Math.abs(changed / 32_000 - 0.5) < 0.03, `bit ${bit}: ${changed / 32_000}`);
  }
});

function ones(value: number): number {
  let count = 0;
  for (let rest = value >>> 0; rest > 0; rest >>>= 1) count += rest & 1;
  return count;
}
