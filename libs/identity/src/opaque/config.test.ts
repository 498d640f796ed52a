import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "@tandem/platform/config/secret";
import { issuersSchema } from "../issuers/config.ts";

const corp = {
  name: "corp",
  type: "introspection",
  url: "https://login.example.com/introspect",
  clientId: "gateway",
  clientSecret: "hunter2",
};
const jwt = { name: "corp-jwt", type: "jwt", issuer: "https://login.example.com", audience: "a", keys: "jwks.json" };
const embedded = { name: "local", type: "embedded", issuer: "https://gateway.test", audience: "demo", keys: "keys" };

test("a server to ask needs its URL and our credentials, and has safe defaults", () => {
  const [issuer] = issuersSchema.parse([corp]);
  assert.ok(issuer?.type === "introspection");
  const { cacheFor, timeout, clockSkew, audience, issuer: iss, clientSecret } = issuer;
  assert.deepEqual([cacheFor, timeout, clockSkew, audience, iss], [30_000, 2000, 60_000, undefined, undefined]);
  assert.ok(clientSecret instanceof Secret);
});

test("one server may issue both JWTs and opaque tokens", () => {
  assert.ok(issuersSchema.safeParse([jwt, { ...corp, issuer: jwt.issuer, audience: ["a", "b"] }]).success);
});

const refused: { name: string; given: object[]; at: PropertyKey[]; saying: RegExp }[] = [
  { name: "plain http", given: [{ ...corp, url: "http://login.example.com/" }], at: [0, "url"], saying: /https/ },
  { name: "a password in the URL", given: [{ ...corp, url: "https://a:b@c.test/" }], at: [0, "url"], saying: /./ },
  { name: "no secret", given: [{ ...corp, clientSecret: "" }], at: [0, "clientSecret"], saying: /./ },
  { name: "an answer kept for an hour", given: [{ ...corp, cacheFor: "1h" }], at: [0, "cacheFor"], saying: /60s/ },
  { name: "no time at all", given: [{ ...corp, timeout: "0s" }], at: [0, "timeout"], saying: /50ms/ },
  { name: "a second server", given: [corp, { ...corp, name: "b" }], at: [1], saying: /does not say whose/ },
  { name: "a name twice", given: [jwt, { ...corp, name: jwt.name }], at: [1, "name"], saying: /twice/ },
  {
    name: "the name of the embedded issuer",
    given: [embedded, { ...corp, issuer: embedded.issuer }],
    at: [1, "issuer"],
    saying: /embedded/,
  },
];
for (const { name, given, at, saying } of refused)
  test(`${name} is refused, and where`, () => {
    const { error } = issuersSchema.safeParse(given);
    assert.deepEqual(error?.issues[0]?.path, at);
    assert.match(JSON.stringify(error.issues), saying);
    assert.doesNotMatch(JSON.stringify(error.issues), /hunter2/);
  });
