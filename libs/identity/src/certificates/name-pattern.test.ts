import assert from "node:assert/strict";
import { test } from "node:test";
import { coversName, matchesName, type NameKind, type NamePattern, readPattern } from "./name-pattern.ts";

function pattern(kind: NameKind, text: string): NamePattern {
  const read = readPattern(kind, text);
  if (typeof read === "string") assert.fail(`${text}: ${read}`);
  return read;
}

const spiffe = "spiffe://acme/ns/*/sa/*";
const cases: { kind: NameKind; rule: string; matches: readonly string[]; not: readonly string[] }[] = [
  {
    kind: "uri",
    rule: spiffe,
    matches: ["spiffe://acme/ns/shop/sa/orders", "spiffe://acme/ns/a.b-c_d/sa/*".replace("*", "x")],
    not: [
      "spiffe://acme/ns/shop/sa",
      "spiffe://acme/ns/shop/sa/",
      "spiffe://acme/ns//sa/orders",
      "spiffe://acme/ns/shop/sa/orders/admin",
      "spiffe://acme/ns/../sa/orders",
      "spiffe://acme/ns/./sa/orders",
      "spiffe://acme/ns/%2e%2e/sa/orders",
      "spiffe://acme/ns/a%2Fb/sa/orders",
      "spiffe://acme/ns/shop/sa/orders?x",
      "spiffe://acme/ns/shop/sa/orders#x",
      "spiffe://acme/ns/*/sa/orders",
      "spiffe://acme.evil/ns/shop/sa/orders",
      "SPIFFE://acme/ns/shop/sa/orders",
      "xspiffe://acme/ns/shop/sa/orders",
    ],
  },
  {
    kind: "uri",
    rule: "urn:example:a",
    matches: ["urn:example:a"],
    not: ["urn:example:a/", "urn:example:A", "urn:example"],
  },
  {
    kind: "dns",
    rule: "*.Partners.example.com",
    matches: ["one.partners.example.com", "ONE.partners.EXAMPLE.com"],
    not: [
      "partners.example.com",
      ".partners.example.com",
      "a.b.partners.example.com",
      "*.partners.example.com",
      "one.partners.example.com.",
      "one.partners.example.com.evil.test",
      "one, dns:x.partners.example.com",
    ],
  },
  { kind: "dns", rule: "one.test", matches: ["one.test", "ONE.test"], not: ["xone.test", "one.test.", "one"] },
  {
    kind: "email",
    rule: "*@Example.com",
    matches: ["ann@example.com", "a.b+c@EXAMPLE.com"],
    not: ["@example.com", "ann@x.example.com", "ann@example.com.evil.test", 'x@evil.test"@example.com', "example.com"],
  },
  {
    kind: "email",
    rule: "Ann@example.com",
    matches: ["Ann@EXAMPLE.com"],
    not: ["ann@example.com", "bAnn@example.com"],
  },
  { kind: "ip", rule: "2001:DB8:0::1", matches: ["2001:db8::1"], not: ["2001:db8::2"] },
  { kind: "ip", rule: "192.0.2.7", matches: ["192.0.2.7"], not: ["192.0.2.70"] },
];
for (const { kind, rule, matches, not } of cases)
  test(`the ${kind} ${rule} means these names and no others`, () => {
    for (const name of matches) assert.ok(matchesName(pattern(kind, rule), name), name);
    for (const name of not) assert.ok(!matchesName(pattern(kind, rule), name), name);
  });

const broken: { kind: NameKind; rule: string; says: RegExp }[] = [
  { kind: "uri", rule: "spiffe://acme/ns/shop*/sa", says: /one whole/ },
  { kind: "uri", rule: "spiffe://acme/**", says: /one whole/ },
  { kind: "uri", rule: "spiffe://*/ns/shop", says: /scheme and the host/ },
  { kind: "uri", rule: "*://acme/ns", says: /one whole|scheme/ },
  { kind: "uri", rule: "*", says: /scheme and the host/ },
  { kind: "uri", rule: "a/b/c/*", says: /scheme and the host/ },
  { kind: "dns", rule: "*", says: /first label/ },
  { kind: "dns", rule: "*.com", says: /first label/ },
  { kind: "dns", rule: "*.*.example.com", says: /first label/ },
  { kind: "dns", rule: "a.*.example.com", says: /first label/ },
  { kind: "dns", rule: "a*.example.com", says: /one whole/ },
  { kind: "email", rule: "ann@*", says: /before the @/ },
  { kind: "email", rule: "*", says: /before the @/ },
  { kind: "email", rule: "a*@example.com", says: /one whole/ },
  { kind: "ip", rule: "192.0.2.*", says: /written out/ },
  { kind: "dns", rule: "a b.test", says: /visible ASCII/ },
  { kind: "uri", rule: "", says: /visible ASCII/ },
];
for (const { kind, rule, says } of broken)
  test(`"${rule}" is no ${kind} pattern`, () => {
    const read = readPattern(kind, rule);
    assert.match(typeof read === "string" ? read : "a pattern", says);
  });

test("a pattern covers what it means, and no more", () => {
  const covers = (kind: NameKind, wide: string, narrow: string) =>
    coversName(pattern(kind, wide), pattern(kind, narrow));
  assert.ok(covers("uri", spiffe, spiffe));
  assert.ok(covers("uri", spiffe, "spiffe://acme/ns/shop/sa/*"));
  assert.ok(covers("uri", spiffe, "spiffe://acme/ns/shop/sa/orders"));
  assert.ok(!covers("uri", "spiffe://acme/ns/shop/sa/orders", spiffe));
  assert.ok(!covers("uri", "spiffe://acme/ns/shop/sa/*", spiffe));
  assert.ok(!covers("uri", spiffe, "spiffe://acme/ns/a%2Fb/sa/x"), "the wildcard does not mean that");
  assert.ok(covers("dns", "*.a.test", "X.A.test"));
  assert.ok(!covers("dns", "*.a.test", "a.test"));
  assert.ok(!coversName(pattern("dns", "a.test"), pattern("uri", "a.test")));
});
