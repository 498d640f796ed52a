import assert from "node:assert/strict";
import { test } from "node:test";
import { compileQueryEdits, editQuery } from "./query-edits.ts";

const cases: { name: string; given: string; set?: Record<string, string>; remove?: string[]; expected: string }[] = [
  { name: "a name is taken out", given: "?a=1&b=2&c=3", remove: ["b"], expected: "?a=1&c=3" },
  { name: "every one of that name", given: "?b=1&a=1&b=2&b", remove: ["b"], expected: "?a=1" },
  { name: "the last one takes the question mark along", given: "?b=1", remove: ["b"], expected: "" },
  { name: "escaped letters do not hide it", given: "?a=1&%62=2&%6", remove: ["b"], expected: "?a=1&%6" },
  { name: "nor does a semicolon", given: "?a=1;b=2;c=3&b=4", remove: ["b"], expected: "?a=1;c=3" },
  { name: "a longer name is another", given: "?bb=1&ab=2&B=3", remove: ["b"], expected: "?bb=1&ab=2&B=3" },
  { name: "a value is no name", given: "?a=b&c=b=1", remove: ["b"], expected: "?a=b&c=b=1" },
  { name: "a value is set where there was none", given: "", set: { v: "2" }, expected: "?v=2" },
  { name: "and in place of what there was", given: "?v=1&a=+%20&%76=3", set: { v: "2" }, expected: "?a=+%20&v=2" },
  { name: "what is set is encoded", given: "?a", set: { v: "a&b=c #é" }, expected: "?a&v=a%26b%3Dc%20%23%C3%A9" },
  { name: "an empty query stays empty", given: "?", remove: ["b"], expected: "" },
  { name: "the rest stays as it was written", given: "?%61=%2f&b[]=1&c", remove: ["x"], expected: "?%61=%2f&b[]=1&c" },
];
for (const { name, given, set, remove, expected } of cases)
  test(name, () => assert.equal(editQuery(given, compileQueryEdits({ set, remove })), expected));
