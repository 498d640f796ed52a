import assert from "node:assert/strict";
import { test } from "node:test";
import { pointerTokens, valueAt } from "./json-pointer.ts";

// The document of RFC 6901, section 5.
const document = {
  foo: ["bar", "baz"],
  "": 0,
  "a/b": 1,
  "c%d": 2,
  "e^f": 3,
  "g|h": 4,
  "i\\j": 5,
  'k"l': 6,
  " ": 7,
  "m~n": 8,
};

const found: Record<string, unknown> = {
  "": document,
  "/foo": ["bar", "baz"],
  "/foo/0": "bar",
  "/": 0,
  "/a~1b": 1,
  "/c%d": 2,
  "/e^f": 3,
  "/g|h": 4,
  "/i\\j": 5,
  '/k"l': 6,
  "/ ": 7,
  "/m~0n": 8,
};
for (const [pointer, value] of Object.entries(found))
  test(`"${pointer}" leads to ${JSON.stringify(value)}`, () =>
    assert.deepEqual(valueAt(document, pointerTokens(pointer)), value));

const lost = [
  "/bar",
  "/foo/2",
  "/foo/-",
  "/foo/00",
  "/foo/+0",
  "/foo/length",
  "/foo/0/0",
  "//",
  "/toString",
  "/__proto__",
];
for (const pointer of lost)
  test(`"${pointer}" leads nowhere`, () => assert.equal(valueAt(document, pointerTokens(pointer)), undefined));

test("an escape is taken once", () => {
  assert.deepEqual(pointerTokens("/~01/~10"), ["~1", "/0"]);
  assert.equal(valueAt(JSON.parse('{"__proto__":{"a":1}}'), pointerTokens("/__proto__/a")), 1);
});
