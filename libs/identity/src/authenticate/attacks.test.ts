import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import type { Principal } from "@tandem/contracts/principal";
import { exchangeOf } from "@tandem/kernel/testing";
import { algorithms } from "../jose/algorithm.ts";
import type { Issuer } from "../issuers/issuer.ts";
import { jwtKind } from "./jwt-strategy.ts";
import { authenticate } from "./stage.ts";
import { createTestKey, issuersOf, issuerWith, part, signatureOf, signToken, sourceOf } from "./testing.ts";

const now = 1_700_000_000;
const rsa = createTestKey("RS256", "rsa");
const ed = createTestKey("EdDSA", "ed");
const stranger = createTestKey("RS256", "rsa");
const iss = "https://issuer.test";
const other = "https://other.test";
const claims = { iss, aud: "api", sub: "me", iat: now, exp: now + 600 };
const first = (more: Partial<Issuer> = {}) =>
  issuerWith({ issuer: iss, keys: sourceOf(rsa.verification, ed.verification), ...more });
const second = issuerWith({ issuer: other, audiences: ["other-api"], keys: sourceOf(stranger.verification) });

async function judge(token: string, more: Partial<Issuer> = {}): Promise<Principal> {
  const clock = { now: () => now * 1000, monotonic: () => 0 };
  const stage = authenticate({ kinds: [jwtKind({ issuers: issuersOf(first(more), second), clock })], clock });
  const { exchange } = exchangeOf({ rawHeaders: ["authorization", `Bearer ${token}`] });
  await stage.run(exchange);
  return exchange.principal;
}

const confused = (header: object): string => {
  const input = `${part(header)}.${part(claims)}`;
  const secret = rsa.publicKey.export({ format: "pem", type: "spki" });
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
};
const unsigned = (header: object): string => `${part(header)}.${part(claims)}.`;
const good = signToken(rsa, claims);
const [goodHeader, , goodSignature] = good.split(".");
const spoilt = Buffer.from(signatureOf(rsa, "x"));

const attacks: { name: string; token: string; code: string; issuer?: Partial<Issuer> }[] = [
  { name: "alg none", token: unsigned({ alg: "none" }), code: "token.algorithm" },
  { name: "alg nOnE", token: unsigned({ alg: "nOnE", kid: "rsa" }), code: "token.algorithm" },
  { name: "the public key as an HS256 secret", token: confused({ alg: "HS256", kid: "rsa" }), code: "token.algorithm" },
  { name: "the same, without a key id", token: confused({ alg: "HS256" }), code: "token.algorithm" },
  { name: "the same, with a lie about alg", token: confused({ alg: "RS256", kid: "rsa" }), code: "token.signature" },
  {
    name: "an algorithm that the key is not pinned to",
    token: signToken({ ...rsa, algorithm: "PS256" }, claims),
    code: "token.algorithm",
  },
  {
    name: "an algorithm that the issuer is not allowed",
    token: signToken({ ...rsa, algorithm: "RS512" }, claims),
    code: "token.algorithm",
  },
  {
    name: "an algorithm that the issuer is not allowed, under an unknown key",
    token: signToken({ ...rsa, algorithm: "RS512" }, claims, { kid: "new" }),
    code: "token.algorithm",
  },
  {
    name: "an EdDSA header over an RSA signature",
    token: signToken(rsa, claims, { alg: "EdDSA" }),
    code: "token.algorithm",
  },
  {
    name: "the key id of the other kind of key",
    token: signToken(ed, claims, { kid: "rsa" }),
    code: "token.algorithm",
  },
  { name: "no signature", token: unsigned({ alg: "RS256", kid: "rsa" }), code: "token.signature" },
  { name: "no EdDSA signature", token: unsigned({ alg: "EdDSA", kid: "ed" }), code: "token.signature" },
  { name: "another's signature under our key id", token: signToken(stranger, claims), code: "token.signature" },
  {
    name: "another's EdDSA signature",
    token: signToken(createTestKey("EdDSA", "ed"), claims),
    code: "token.signature",
  },
  {
    name: "an altered payload",
    token: `${goodHeader}.${part({ ...claims, sub: "admin" })}.${goodSignature}`,
    code: "token.signature",
  },
  {
    name: "an altered header",
    token: `${part({ alg: "RS256", kid: "rsa", typ: "JWT", x: 1 })}.${good.split(".")[1]}.${goodSignature}`,
    code: "token.signature",
  },
  {
    name: "the signature of something else",
    token: `${good.slice(0, good.lastIndexOf("."))}.${spoilt.toString("base64url")}`,
    code: "token.signature",
  },
  {
    name: "an issuer's own key for the other issuer",
    token: signToken(rsa, { ...claims, iss: other, aud: "other-api" }),
    code: "token.signature",
  },
  {
    name: "the other issuer's audience",
    token: signToken(rsa, { ...claims, aud: "other-api" }),
    code: "token.audience",
  },
  { name: "an unknown key id", token: signToken(rsa, claims, { kid: "new" }), code: "token.key" },
  {
    name: "a key id that is a path",
    token: signToken(rsa, claims, { kid: "../../../../dev/null" }),
    code: "token.key",
  },
  { name: "a key id that is a property", token: signToken(rsa, claims, { kid: "__proto__" }), code: "token.key" },
  { name: "a key id that is SQL", token: signToken(rsa, claims, { kid: "' UNION SELECT 'x" }), code: "token.key" },
  { name: "a key id that is empty", token: signToken(rsa, claims, { kid: "" }), code: "token.key" },
  { name: "a key id that is null", token: signToken(rsa, claims, { kid: null }), code: "token.malformed" },
  {
    name: "its own key in jwk",
    token: signToken(stranger, claims, { jwk: stranger.publicKey.export({ format: "jwk" }) }),
    code: "token.malformed",
  },
  {
    name: "its own key behind jku",
    token: signToken(stranger, claims, { jku: "https://evil.test/jwks" }),
    code: "token.malformed",
  },
  {
    name: "its own key behind x5u",
    token: signToken(stranger, claims, { x5u: "https://evil.test/c" }),
    code: "token.malformed",
  },
  { name: "its own key in x5c", token: signToken(stranger, claims, { x5c: ["AAAA"] }), code: "token.malformed" },
  {
    name: "an extension that must be understood",
    token: signToken(rsa, claims, { crit: ["b64"], b64: false }),
    code: "token.malformed",
  },
  { name: "a nested token", token: signToken(rsa, claims, { cty: "JWT" }), code: "token.malformed" },
  { name: "one of our own assertions", token: signToken(rsa, claims, { typ: "tandem+jwt" }), code: "token.malformed" },
  { name: "a logout token", token: signToken(rsa, claims, { typ: "logout+jwt" }), code: "token.malformed" },
  { name: "a type that is a list", token: signToken(rsa, claims, { typ: ["JWT"] }), code: "token.malformed" },
  {
    name: "an id token where access tokens are marked",
    token: signToken(rsa, claims, { typ: "JWT" }),
    code: "token.malformed",
    issuer: { tokenType: "at+jwt" },
  },
  { name: "an unmarked token there", token: good, code: "token.malformed", issuer: { tokenType: "at+jwt" } },
  { name: "five parts, as a JWE has", token: `${good}.AAAA.AAAA`, code: "token.malformed" },
  { name: "padding", token: `${good}==`, code: "token.malformed" },
  { name: "no issuer", token: signToken(rsa, { ...claims, iss: undefined }), code: "token.issuer" },
  { name: "an unknown issuer", token: signToken(rsa, { ...claims, iss: "https://evil.test" }), code: "token.issuer" },
  { name: "an issuer with a final slash", token: signToken(rsa, { ...claims, iss: `${iss}/` }), code: "token.issuer" },
  { name: "a list of issuers", token: signToken(rsa, { ...claims, iss: [iss] }), code: "token.issuer" },
];

for (const { name, token, code, issuer } of attacks) {
  test(`${name}: ${code}`, async () => {
    await assert.rejects(judge(token, issuer), (error: unknown) => {
      assert.ok(error instanceof GatewayError, String(error));
      assert.equal(error.code, code);
      assert.match(error.headers["www-authenticate"] ?? "", /error="invalid_token"/);
      assert.doesNotMatch(JSON.stringify([error.detail, error.headers, error.members]), /eyJ|evil|etc/);
      return true;
    });
  });
}

test("the control: what the attacks start from is a good token", async () => {
  assert.equal((await judge(good)).subject, "me");
  assert.equal((await judge(signToken(ed, claims))).subject, "me");
  assert.equal((await judge(signToken(stranger, { ...claims, iss: other, aud: "other-api" }))).issuer, other);
});

for (const typ of ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
  test(`a token of type ${typ} is one`, async () => assert.ok(await judge(signToken(rsa, claims, { typ }))));

test("where access tokens are marked, a marked one passes", async () => {
  assert.ok(await judge(signToken(rsa, claims, { typ: "at+jwt" }), { tokenType: "at+jwt" }));
});

for (const algorithm of algorithms) {
  test(`${algorithm} is accepted where it is allowed, and its forgery is not`, async () => {
    const key = createTestKey(algorithm, "k");
    const issuer = { algorithms: [algorithm], keys: sourceOf(key.verification) };
    assert.equal((await judge(signToken(key, claims), issuer)).subject, "me");
    const forged = signToken({ ...createTestKey(algorithm, "k") }, claims);
    await assert.rejects(judge(forged, issuer), { code: "token.signature" });
  });
}

test("a token without a key id is good where only one key can be meant", async () => {
  const token = signToken(rsa, claims, { kid: undefined });
  assert.ok(await judge(token, { keys: sourceOf(rsa.verification, ed.verification) }));
  const two = sourceOf(rsa.verification, stranger.verification);
  await assert.rejects(judge(token, { keys: two }), { code: "token.key" });
});
