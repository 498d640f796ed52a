import assert from "node:assert/strict";
import { test } from "node:test";
import { compileHost } from "./host-pattern.ts";
import { PatternError } from "./pattern-error.ts";

test("a host is compared as a whole, a wildcard as the suffix after its first dot", () => {
  for (const host of ["api.example.test", "[::1]", "127.0.0.1"])
    assert.deepEqual(compileHost(host), { text: host, host });
  assert.deepEqual(compileHost("*.example.test"), { text: "*.example.test", host: ".example.test" });
});

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
