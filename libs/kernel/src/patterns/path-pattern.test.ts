import assert from "node:assert/strict";
import { test } from "node:test";
import { compareSpecificity, compilePath, matchPath } from "./path-pattern.ts";
import { PatternError } from "./pattern-error.ts";

const matches: { pattern: string; takes: string[]; leaves: string[] }[] = [
  {
    pattern: "/orders/**",
    takes: ["/orders", "/orders/", "/orders/1", "/orders/1/lines/2"],
    leaves: ["/ordersx", "/order", "/", "/Orders", "/x/orders"],
  },
  { pattern: "/exact", takes: ["/exact", "/exact/"], leaves: ["/exact/a", "/exactly", "/", "/exact//"] },
  { pattern: "/", takes: ["/"], leaves: ["/a", "*", "", "//"] },
  { pattern: "/**", takes: ["/", "/a", "/a/b/"], leaves: ["*", "", "a"] },
  { pattern: "/items/*", takes: ["/items/1", "/items/1/"], leaves: ["/items", "/items/", "/items/1/2", "/itemsx/1"] },
  {
    pattern: "/a/{x}/c/**",
    takes: ["/a/b/c", "/a/b/c/", "/a/b/c/d"],
    leaves: ["/a/b", "/a/b/cd", "/a//c", "/a/b/x/c"],
  },
  { pattern: "/{x}", takes: ["/a", "/a/"], leaves: ["/", "/a/b"] },
  { pattern: "/v1/users:all", takes: ["/v1/users:all"], leaves: ["/v1/users%3Aall", "/v1/users"] },
  { pattern: "/caf%C3%A9", takes: ["/caf%C3%A9"], leaves: ["/caf%c3%a9"] },
];

for (const { pattern, takes, leaves } of matches) {
  const compiled = compilePath(pattern);
  for (const path of takes) test(`${pattern} takes ${path}`, () => assert.ok(matchPath(compiled, path) !== undefined));
  for (const path of leaves)
    test(`${pattern} leaves ${path || "nothing"}`, () => assert.equal(matchPath(compiled, path), undefined));
}

test("parameters are what their segments held, still escaped", () => {
  assert.deepEqual(matchPath(compilePath("/a/{x}/*/{y}"), "/a/1/2/caf%C3%A9/"), { x: "1", y: "caf%C3%A9" });
  assert.deepEqual(matchPath(compilePath("/a/{constructor}/**"), "/a/1/2"), { constructor: "1" });
});

const faulty: { pattern: string; position: number; fault: RegExp }[] = [
  { pattern: "", position: 0, fault: /begins with/ },
  { pattern: "orders/**", position: 0, fault: /begins with/ },
  { pattern: "**", position: 0, fault: /begins with/ },
  { pattern: "/a/", position: 2, fault: /final slash/ },
  { pattern: "//", position: 1, fault: /empty segment/ },
  { pattern: "/a//b", position: 3, fault: /empty segment/ },
  { pattern: "/a//**", position: 3, fault: /empty segment/ },
  { pattern: "/a/**/b", position: 3, fault: /last segment/ },
  { pattern: "/**/**", position: 1, fault: /last segment/ },
  { pattern: "/a/b*", position: 4, fault: /whole segment/ },
  { pattern: "/a***", position: 2, fault: /whole segment/ },
  { pattern: "/a/x{id}", position: 4, fault: /whole segment/ },
  { pattern: "/a/{id", position: 3, fault: /whole segment/ },
  { pattern: "/a/{}", position: 3, fault: /whole segment/ },
  { pattern: "/a/{__proto__}", position: 3, fault: /whole segment/ },
  { pattern: "/{id}/b/{id}", position: 8, fault: /stands twice/ },
  { pattern: "/a/../b", position: 3, fault: /dot segment/ },
  { pattern: "/a/./**", position: 3, fault: /dot segment/ },
  { pattern: "/a/%2e%2e", position: 3, fault: /dot segment/ },
  { pattern: "/a%2fb", position: 2, fault: /escaped slash/ },
  { pattern: "/a;b", position: 2, fault: /semicolon/ },
  { pattern: "/a%", position: 2, fault: /not valid UTF-8/ },
  { pattern: "/a%252e", position: 2, fault: /escaped twice/ },
  { pattern: "/caf\u00e9", position: 4, fault: /must be escaped/ },
  { pattern: "/a b", position: 2, fault: /must be escaped/ },
  { pattern: "/a?b=c", position: 2, fault: /no query/ },
  { pattern: "/c++", position: 2, fault: /plus/ },
  { pattern: "/caf%c3%a9", position: 1, fault: /write it in normal form: "caf%C3%A9"/ },
  { pattern: "/%61dmin/**", position: 1, fault: /write it in normal form: "admin"/ },
];

for (const { pattern, position, fault } of faulty) {
  test(`the pattern ${JSON.stringify(pattern)} is refused at character ${position}`, () =>
    assert.throws(
      () => compilePath(pattern),
      (error) => error instanceof PatternError && error.position === position && fault.test(error.message),
    ));
}

test("the most specific pattern sorts first", () => {
  const order = ["/a/b/c", "/a/b", "/a/b/**", "/a/{x}/c", "/a/{x}", "/a/*/**", "/a", "/a/**", "/{x}/b", "/", "/**"];
  const sorted = order.toReversed().map(compilePath).toSorted(compareSpecificity);
  assert.deepEqual(
    sorted.map((pattern) => pattern.text),
    order,
  );
});

test("a hostile path costs no more than its length", () => {
  const compiled = compilePath("/{a}/{b}/{c}/{d}/x/**");
  const started = performance.now();
  for (let round = 0; round < 1000; round++) matchPath(compiled, `/${"a/".repeat(4000)}`);
  assert.ok(performance.now() - started < 500);
});
