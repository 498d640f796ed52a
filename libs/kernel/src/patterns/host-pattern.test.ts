import assert from "node:assert/strict";
import { test } from "node:test";
import { compareHostSpecificity, compileHost, coversHost, matchHost } from "./host-pattern.ts";
import { PatternError } from "./pattern-error.ts";

const matches: { pattern: string; takes: string[]; leaves: string[] }[] = [
  {
    pattern: "api.example.test",
    takes: ["api.example.test"],
    leaves: ["example.test", "xapi.example.test", "api.example.test.evil.test", ""],
  },
  {
    pattern: "*.example.test",
    takes: ["a.example.test", "a.b.example.test"],
    leaves: ["example.test", "evilexample.test", ".example.test", "a.example.test.evil.test"],
  },
  { pattern: "[::1]", takes: ["[::1]"], leaves: ["[::2]"] },
  { pattern: "127.0.0.1", takes: ["127.0.0.1"], leaves: ["127.0.0.11"] },
];

for (const { pattern, takes, leaves } of matches) {
  const compiled = compileHost(pattern);
  for (const host of takes) test(`${pattern} takes ${host}`, () => assert.ok(matchHost(compiled, host)));
  for (const host of leaves)
    test(`${pattern} leaves ${host || "nothing"}`, () => assert.ok(!matchHost(compiled, host)));
}

const faulty: { pattern: string; position: number; fault: RegExp }[] = [
  { pattern: "", position: 0, fault: /empty/ },
  { pattern: "*", position: 0, fault: /first labels/ },
  { pattern: "a.*.test", position: 2, fault: /first labels/ },
  { pattern: "*a.test", position: 0, fault: /first labels/ },
  { pattern: "*.*.test", position: 2, fault: /first labels/ },
  { pattern: "*.", position: 2, fault: /empty/ },
  { pattern: "API.test", position: 0, fault: /write it in normal form: "api.test"/ },
  { pattern: "api.test.", position: 0, fault: /write it in normal form: "api.test"/ },
  { pattern: "api.test:8443", position: 8, fault: /without its port/ },
  { pattern: "https://api.test", position: 0, fault: /port/ },
  { pattern: "b\u00fccher.test", position: 0, fault: /character/ },
  { pattern: "*.127.0.0.1", position: 2, fault: /address/ },
];

for (const { pattern, position, fault } of faulty) {
  test(`the host pattern ${JSON.stringify(pattern)} is refused at character ${position}`, () =>
    assert.throws(
      () => compileHost(pattern),
      (error) => error instanceof PatternError && error.position === position && fault.test(error.message),
    ));
}

const covers = (wide: string, narrow: string): boolean => coversHost(compileHost(wide), compileHost(narrow));

test("a wildcard covers what it matches, and longer wildcards", () => {
  assert.ok(covers("*.test", "a.b.test"));
  assert.ok(covers("*.test", "*.b.test"));
  assert.ok(covers("*.test", "*.test"));
  assert.ok(!covers("*.b.test", "*.test"));
  assert.ok(!covers("*.b.test", "b.test"));
  assert.ok(!covers("a.b.test", "*.b.test"));
});

test("the most specific host sorts first", () => {
  const order = ["a.b.test", "*.b.test", "*.test"];
  const sorted = order.toReversed().map(compileHost).toSorted(compareHostSpecificity);
  assert.deepEqual(
    sorted.map((pattern) => pattern.text),
    order,
  );
});
