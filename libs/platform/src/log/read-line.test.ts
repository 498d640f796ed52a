import assert from "node:assert/strict";
import { test } from "node:test";
import { readLine } from "./read-line.ts";

test("a line comes back as it was written", () =>
  assert.deepEqual(readLine('{"message":"a","tandem.flags":["slow"]}'), { message: "a", "tandem.flags": ["slow"] }));

for (const text of ["", "half of a li", '{"message":', "7", "null", '"text"', '["a list"]'])
  test(`what is no line is none: ${text}`, () => assert.equal(readLine(text), undefined));
