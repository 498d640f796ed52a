import assert from "node:assert/strict";
import { test } from "node:test";
import { isScope } from "./scope.ts";

const cases: [name: string, given: string, expected: boolean][] = [
  ["a word", "orders:read", true],
  ["a URL", "https://example.test/orders?x=1", true],
  ["the first and the last character allowed", "!~", true],
  ["as long as it may be", "a".repeat(128), true],
  ["longer than it may be", "a".repeat(129), false],
  ["nothing", "", false],
  ["two scopes", "a b", false],
  ["a quote, which would end a challenge", 'a"', false],
  ["a backslash", "a\\b", false],
  ["a line break at the end", "a\n", false],
  ["a control character", "a\x7f", false],
  ["a letter outside ASCII", "é", false],
];
for (const [name, given, expected] of cases)
  test(`${name} is ${expected ? "a scope" : "no scope"}`, () => assert.equal(isScope(given), expected));
