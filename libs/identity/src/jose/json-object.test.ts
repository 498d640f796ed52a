import assert from "node:assert/strict";
import { test } from "node:test";
import { isJsonObject } from "./json-object.ts";

for (const [text, expected] of [
  ["{}", true],
  ['{"a":1}', true],
  ["[]", false],
  ["null", false],
  ['"{}"', false],
  ["1", false],
] as const)
  test(`${text} is ${expected ? "an" : "no"} object`, () => assert.equal(isJsonObject(JSON.parse(text)), expected));
