import assert from "node:assert/strict";
import { test } from "node:test";
import { hasDuplicateMembers } from "./duplicate-members.ts";

const single = [
  "{}",
  "[]",
  '"a:b"',
  "1",
  "null",
  '{"a":1,"b":2}',
  '{"a":{"a":{"a":1}}}',
  '[{"a":1},{"a":1}]',
  '{"a":":","b":"\\":\\"","c:":"\\\\"}',
  '{ "a" : [ ":" , { "b" : null } ] }',
  '{"__proto__":1,"constructor":2}',
  '{"1":1,"01":1}',
  '{"a\\\\":1,"a":2}',
];
for (const text of single)
  test(`${text} names everything once`, () => assert.equal(hasDuplicateMembers(text, JSON.parse(text)), false));

const double = [
  '{"a":1,"a":1}',
  '{"a":1,"b":2,"a":3}',
  '{"a":1,"\\u0061":2}',
  '{"a":{"b":1,"b":2}}',
  '[1,[{"b":1,"b":2}]]',
  '{"__proto__":1,"__proto__":2}',
  '{"":1,"":2}',
  '{"a":"\\"","a":":"}',
];
for (const text of double)
  test(`${text} names something twice`, () => assert.equal(hasDuplicateMembers(text, JSON.parse(text)), true));

test("how deep it goes is no matter", () => {
  const text = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
  assert.equal(hasDuplicateMembers(text, JSON.parse(text)), false);
});
