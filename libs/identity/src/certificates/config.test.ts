import assert from "node:assert/strict";
import { test } from "node:test";
import { certificatesSchema } from "./config.ts";

const principal = { subject: "x" };
const hex = "0123456789abcdef".repeat(4);
const base64url = Buffer.from(hex, "hex").toString("base64url");

test("nothing said is no rule", () => assert.deepEqual(certificatesSchema.parse(undefined), []));

test("a rule has its defaults, and its thumbprint one form", () => {
  const colons = hex.toUpperCase().replaceAll(/..(?!$)/g, "$&:");
  for (const thumbprint of [hex, colons, base64url])
    assert.deepEqual(certificatesSchema.parse([{ match: { thumbprint }, principal }]), [
      { match: { thumbprint: base64url }, principal: { subject: "x", scopes: [], roles: [] } },
    ]);
});

const refused: { name: string; match: object; principal?: object; says: RegExp }[] = [
  { name: "no condition", match: {}, says: /every certificate/ },
  { name: "an empty san", match: { san: {} }, says: /uri, dns, email or ip/ },
  { name: "an empty subject", match: { subject: {} }, says: /CN, O or OU/ },
  { name: "another attribute", match: { subject: { C: "CH" } }, says: /C/ },
  { name: "a pattern that is none", match: { san: { dns: "*.com" } }, says: /first label/ },
  { name: "an address that is none", match: { san: { ip: "192.0.2" } }, says: /no address/ },
  { name: "a short thumbprint", match: { thumbprint: "abc" }, says: /SHA-256/ },
  { name: "a thumbprint with unused bits", match: { thumbprint: `${"A".repeat(42)}B` }, says: /SHA-256/ },
  { name: "a line end in a subject", match: { thumbprint: hex }, principal: { subject: "a\nb" }, says: /./ },
  { name: "an unknown source", match: { thumbprint: hex }, principal: { subject: { from: "ou" } }, says: /./ },
  { name: "an unknown key", match: { thumbprint: hex }, principal: { subject: "x", scope: [] }, says: /scope/ },
];
for (const { name, match, says, principal: given = principal } of refused)
  test(`a rule with ${name} does not load`, () => {
    const read = certificatesSchema.safeParse([{ match, principal: given }]);
    assert.equal(read.success, false);
    assert.match(JSON.stringify(read.error?.issues), says);
  });

const uri = (text: string) => ({ san: { uri: text } });
const orders: { name: string; first: object; second: object; dead: boolean }[] = [
  { name: "the same", first: uri("urn:a"), second: uri("urn:a"), dead: true },
  { name: "a thumbprint spelled otherwise", first: { thumbprint: hex }, second: { thumbprint: base64url }, dead: true },
  { name: "one among many", first: uri("spiffe://a/*"), second: uri("spiffe://a/b"), dead: true },
  { name: "many around one", first: uri("spiffe://a/b"), second: uri("spiffe://a/*"), dead: false },
  {
    name: "one with a further condition",
    first: uri("urn:a"),
    second: { ...uri("urn:a"), issuer: { CN: "c" } },
    dead: true,
  },
  {
    name: "one with a condition less",
    first: { ...uri("urn:a"), issuer: { CN: "c" } },
    second: uri("urn:a"),
    dead: false,
  },
  { name: "another issuer", first: { issuer: { CN: "a" } }, second: { issuer: { CN: "b" } }, dead: false },
  { name: "a further attribute", first: { subject: { O: "a" } }, second: { subject: { O: "a", OU: "b" } }, dead: true },
  { name: "the same name of another kind", first: { san: { dns: "a.test" } }, second: uri("a.test"), dead: false },
];
for (const { name, first, second, dead } of orders)
  test(`behind a rule, ${name} is ${dead ? "dead and does not load" : "fine"}`, () => {
    const read = certificatesSchema.safeParse([
      { match: first, principal },
      { match: second, principal: { subject: "y" } },
    ]);
    assert.equal(read.success, !dead, JSON.stringify(read.error?.issues));
    if (dead) {
      assert.deepEqual(read.error?.issues[0]?.path, [1, "match"]);
      assert.match(read.error?.issues[0]?.message ?? "", /rule 1 matches all/);
    }
  });
