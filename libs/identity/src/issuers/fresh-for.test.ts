import assert from "node:assert/strict";
import { test } from "node:test";
import { freshFor } from "./fresh-for.ts";

const cases: { headers: Record<string, string>; expected: number | undefined }[] = [
  { headers: {}, expected: undefined },
  { headers: { "cache-control": "" }, expected: undefined },
  { headers: { "cache-control": "public" }, expected: undefined },
  { headers: { "cache-control": "max-age=300" }, expected: 300_000 },
  { headers: { "cache-control": "public, Max-Age=300, must-revalidate" }, expected: 300_000 },
  { headers: { "cache-control": "max-age=0" }, expected: 0 },
  { headers: { "cache-control": "no-store" }, expected: 0 },
  { headers: { "cache-control": "max-age=300, no-cache" }, expected: 0 },
  { headers: { "cache-control": "max-age=300, max-age=60" }, expected: 60_000 },
  { headers: { "cache-control": "max-age=300", age: "100" }, expected: 200_000 },
  { headers: { "cache-control": "max-age=300", age: "301" }, expected: 0 },
  { headers: { "cache-control": "max-age=300", age: "old" }, expected: 300_000 },
  { headers: { "cache-control": "max-age=99999999999" }, expected: undefined },
  { headers: { "cache-control": "max-age=-1" }, expected: undefined },
  { headers: { "cache-control": "max-age" }, expected: undefined },
  { headers: { "cache-control": "s-maxage=300, x-max-age=5" }, expected: undefined },
  { headers: { age: "10" }, expected: undefined },
];
for (const { headers, expected } of cases)
  test(`${JSON.stringify(headers)} may be kept for ${expected} ms`, () =>
    assert.equal(freshFor(new Headers(headers)), expected));
