import assert from "node:assert/strict";
import { test } from "node:test";
import { drawing } from "@tandem/platform/drawing.testing";
import { normaliseTarget, type PathRefusal } from "./normalise-path.ts";

const accepted: { name: string; target: string; path: string; query?: string }[] = [
  { name: "an ordinary path is its own normal form", target: "/orders/42", path: "/orders/42" },
  { name: "the root is a path", target: "/", path: "/" },
  { name: "a final slash is kept", target: "/orders/", path: "/orders/" },
  { name: "dots inside a segment are ordinary", target: "/.well-known/a..b/...", path: "/.well-known/a..b/..." },
  { name: "an escaped letter is the letter", target: "/%61dmin", path: "/admin" },
  { name: "what a path may hold bare is made bare", target: "/users%3Aall/a%40b", path: "/users:all/a@b" },
  { name: "an escaped plus stays apart from a plus", target: "/c%2B+", path: "/c%2B+" },
  { name: "hex digits are upper case", target: "/caf%c3%a9", path: "/caf%C3%A9" },
  { name: "an escaped question mark stays in the path", target: "/who%3f%23?a", path: "/who%3F%23", query: "?a" },
  { name: "a lone escaped percent sign is data", target: "/100%25/%25x", path: "/100%25/%25x" },
  { name: "a query is kept verbatim", target: "/a?b[]=c&d=%2e%2E/..//\\", path: "/a", query: "?b[]=c&d=%2e%2E/..//\\" },
  { name: "an empty query keeps its mark", target: "/a?", path: "/a", query: "?" },
];

for (const { name, target, path, query = "" } of accepted) {
  test(name, () => assert.deepEqual(normaliseTarget(target, "GET"), { path, query }));
}

const refused: { reason: PathRefusal; targets: string[] }[] = [
  { reason: "dot-segment", targets: ["/..", "/.", "/a/../b", "/a/./b", "/a/..", "/a/.", "/../etc/passwd", "/a/../"] },
  { reason: "dot-segment", targets: ["/%2e%2e", "/%2E./a", "/.%2e/a", "/a/%2e", "/a/%2e?b", "/static/%2e%2e/admin"] },
  { reason: "empty-segment", targets: ["//", "//evil.test/a", "/a//b", "/a//", "/a///b"] },
  { reason: "separator", targets: ["/admin%2Fx", "/a%2f..%2fb", "/a%5cb", "/a\\b", "/a\\..\\b", "/%5C%5c"] },
  { reason: "separator", targets: ["/a;v=1", "/..;/admin", "/admin;/x", "/a/;/b", "/a%3bb", "/..%3B/admin"] },
  { reason: "control", targets: ["/a%00", "/a%0d%0aX: y", "/%09", "/a%1f", "/a%7F", "/a%c2%85b"] },
  {
    reason: "double-escape",
    targets: ["/%252e%252e/admin", "/a%252fb", "/%25%32%65", "/a%255c", "/a%2500", "/%25%2561"],
  },
  { reason: "escape", targets: ["/%", "/a%2", "/a%zz", "/a%u0041", "/%%32e", "/100%"] },
  {
    reason: "escape",
    targets: ["/%c0%ae%c0%ae/", "/%e0%80%af", "/%f0%80%80%af", "/%ed%a0%80", "/%ff", "/%c3", "/%f5%80%80%80"],
  },
  {
    reason: "character",
    targets: ["/a b", "/a\tb", "/a\r\nb", "/a\0", "/caf\u00e9", "/\u2025/", "/a#b", "/a|b", "/<a>", "/{a}", '/"'],
  },
  { reason: "query", targets: ["/?a b", "/?a#b", "/?\u00e9", "/?%", "/?%1", "/?%g0", "/?a\r\nb", "/?\u007f"] },
  {
    reason: "form",
    targets: ["", "a", "*", "admin/x", "?a", "example.test:443", "http://example.test/", "\\a", " /a"],
  },
];

for (const { reason, targets } of refused) {
  for (const target of targets) {
    test(`${JSON.stringify(target)} is refused: ${reason}`, () => assert.equal(normaliseTarget(target, "GET"), reason));
  }
}

const asked = { host: "example.test", port: 8080, text: "example.test:8080", scheme: "http" } as const;

const absolute: { target: string; becomes: object | PathRefusal }[] = [
  { target: "http://example.test:8080/a?b", becomes: { path: "/a", query: "?b" } },
  { target: "HTTP://EXAMPLE.test:8080", becomes: { path: "/", query: "" } },
  { target: "http://example.test:8080?b", becomes: { path: "/", query: "?b" } },
  { target: "http://example.test:8080/a/../b", becomes: "dot-segment" },
  { target: "http://example.test:8080#a", becomes: "character" },
  { target: "http://example.test:8080\\@evil.test/", becomes: "authority" },
  { target: "http://evil.test/", becomes: "authority" },
  { target: "http://example.test/", becomes: "authority" },
  { target: "http://example.test:8080.evil.test/", becomes: "authority" },
  { target: "http://user@example.test:8080/", becomes: "authority" },
  { target: "http:///a", becomes: "authority" },
  { target: "ftp://example.test:8080/", becomes: "form" },
  { target: "http:/example.test:8080/", becomes: "form" },
  { target: "example.test:8080", becomes: "form" },
];

for (const { target, becomes } of absolute) {
  test(`the absolute target ${target} becomes ${JSON.stringify(becomes)}`, () =>
    assert.deepEqual(normaliseTarget(target, "GET", asked), becomes));
}

test("the asterisk is for OPTIONS alone", () => {
  assert.deepEqual(normaliseTarget("*", "OPTIONS"), { path: "*", query: "" });
  assert.equal(normaliseTarget("*?a", "OPTIONS"), "form");
});

test("whatever is accepted is a fixed point, and safe for whoever decodes it once more", () => {
  const draw = drawing(20_260_915);
  const pieces = [
    "/",
    "/",
    "/",
    ".",
    "..",
    "%2e",
    "%2E",
    "%2f",
    "%5c",
    "%25",
    "2e",
    "2f",
    "%32",
    "%65",
    "a",
    "B",
    "~",
    "%",
  ];
  pieces.push(
    "%c3%a9",
    "%C2%85",
    "%c0%ae",
    "%00",
    "%41",
    "%3a",
    ":",
    "%2b",
    "+",
    ";",
    "%3b",
    "\\",
    "*",
    "?",
    "%3f",
    "%20",
    "\u00e9",
  );
  let kept = 0;
  for (let round = 0; round < 60_000; round++) {
    let target = "/";
    for (let count = draw.below(9); count > 0; count--) target += draw.one(pieces);
    const once = normaliseTarget(target, "GET");
    if (typeof once === "string") continue;
    kept++;
    assert.deepEqual(normaliseTarget(once.path + once.query, "GET"), once, target);
    const further = decodeURIComponent(once.path);
    assert.doesNotMatch(further, /\/\.{1,2}(?:\/|$)|\/\/|[\\;]|\p{Cc}/u, target);
  }
  assert.ok(kept > 5_000, `only ${kept} targets were accepted`);
});
