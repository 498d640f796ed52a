import assert from "node:assert/strict";
import { test } from "node:test";
import { isPlainJson, readJson } from "./json-body.ts";

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

test("a sound body is read", () => {
  for (const text of ['{"a":[1,{"b":"x:\\""}]}', '"a"', "null", " 1 ", nested(64)])
    assert.deepEqual(readJson(Buffer.from(text)), { value: JSON.parse(text) });
});

const unsound: Record<string, string | Buffer> = {
  "no JSON": "{a:1}",
  "half of it": '{"a":',
  "nothing at all": "",
  "a byte order mark": '\uFEFF{"a":1}',
  "no UTF-8": Buffer.from([0x22, 0xff, 0x22]),
  "UTF-16": Buffer.from('{"a":1}', "utf16le"),
  "a member named twice": '{"type":"a","type":"b"}',
  "a member named twice, once in escapes": '{"type":"a","\\u0074ype":"b"}',
  "a member named twice further down": '{"a":[{"b":1,"b":1}]}',
  "one level too deep": nested(65),
  "a hundred thousand levels": nested(100_000),
  "levels that never end": "[".repeat(100_000),
};
for (const [name, text] of Object.entries(unsound))
  test(`nothing is read of ${name}`, () => assert.equal(readJson(Buffer.from(text)), undefined));

test("brackets and colons in texts count for nothing", () => {
  const value = { "[[:{": `${"[{".repeat(100)}\\":` };
  assert.deepEqual(readJson(Buffer.from(JSON.stringify(value))), { value });
});

const types: [type: string | undefined, encoding: string | undefined, plain: boolean][] = [
  ["application/json", undefined, true],
  ["Application/JSON ; charset=UTF-8", undefined, true],
  ['application/json;charset="utf-8"; profile=x', "identity", true],
  ["application/cloudevents+json", undefined, true],
  ["application/vnd.a.b-c+json;v=1", undefined, true],
  ["application/json; charset=utf-16", undefined, false],
  ["application/json;charset=utf-8;charset=utf-7", undefined, false],
  ["application/json", "gzip", false],
  ["application/jsonp", undefined, false],
  ["application/x-json", undefined, false],
  ["text/json", undefined, false],
  ["text/plain; a=application/json", undefined, false],
  ["", undefined, false],
  [undefined, undefined, false],
];
for (const [type, encoding, plain] of types)
  test(`${type}${encoding ? `, ${encoding},` : ""} is ${plain ? "" : "not "}JSON that can be read as it stands`, () =>
    assert.equal(isPlainJson(type, encoding), plain));
