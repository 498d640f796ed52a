import assert from "node:assert/strict";
import { generateKeyPairSync, sign, type JsonWebKey } from "node:crypto";
import { test } from "node:test";
import { readKeySetDocument } from "./key-set-document.ts";
import { algorithms, type Algorithm } from "./algorithm.ts";
import { candidates, isSignedBy, UnusableKey, verificationKey } from "./verification-key.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });
const shortRsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
const p521 = generateKeyPairSync("ec", { namedCurve: "P-521" }).publicKey.export({ format: "jwk" });
const k256 = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey.export({ format: "jwk" });
const ed25519 = generateKeyPairSync("ed25519");
const ed = ed25519.publicKey.export({ format: "jwk" });

const pinned: { name: string; jwk: JsonWebKey; allowed?: Algorithm[]; expected: Algorithm }[] = [
  { name: "an RSA key without alg is pinned to RS256", jwk: rsa, expected: "RS256" },
  { name: "or to the first that the issuer allows", jwk: rsa, allowed: ["ES256", "PS384"], expected: "PS384" },
  { name: "an alg of its own is the pin", jwk: { ...rsa, alg: "PS512" }, expected: "PS512" },
  { name: "a P-256 key is pinned to ES256", jwk: p256, expected: "ES256" },
  { name: "a P-521 key is pinned to ES512", jwk: p521, expected: "ES512" },
  { name: "an Ed25519 key is pinned to EdDSA", jwk: ed, expected: "EdDSA" },
  {
    name: "use and key_ops that allow it are no obstacle",
    jwk: { ...ed, use: "sig", key_ops: ["verify"] },
    expected: "EdDSA",
  },
];

for (const { name, jwk, allowed = algorithms, expected } of pinned)
  test(name, () => assert.equal(verificationKey(jwk, allowed).algorithm, expected));

const refused: { name: string; jwk: unknown; allowed?: Algorithm[] }[] = [
  { name: "a text", jwk: "key" },
  { name: "null", jwk: null },
  { name: "a JWK without a type", jwk: {} },
  { name: "a shared secret", jwk: { kty: "oct", k: "AAAA", alg: "HS256" } },
  { name: "an RSA key that claims HS256", jwk: { ...rsa, alg: "HS256" } },
  { name: "an RSA key that claims none", jwk: { ...rsa, alg: "none" } },
  { name: "an RSA key of 1024 bits", jwk: shortRsa },
  { name: "an EC key that claims RS256", jwk: { ...p256, alg: "RS256" } },
  { name: "a curve that JOSE does not use here", jwk: k256 },
  { name: "a key for encryption", jwk: { ...rsa, use: "enc" } },
  { name: "a key that may only sign", jwk: { ...rsa, key_ops: ["sign"] } },
  { name: "a key id that is a number", jwk: { ...rsa, kid: 1 } },
  { name: "an algorithm that the issuer does not allow", jwk: { ...rsa, alg: "PS256" }, allowed: ["RS256"] },
  { name: "a key without numbers", jwk: { kty: "RSA" } },
];

for (const { name, jwk, allowed = algorithms } of refused)
  test(`${name} is no verification key`, () => assert.throws(() => verificationKey(jwk, allowed), UnusableKey));

test("an Ed25519 signature is checked against what was signed", () => {
  const key = verificationKey(ed);
  const signature = sign(null, Buffer.from("a.b"), ed25519.privateKey);
  assert.equal(isSignedBy(key, "a.b", signature), true);
  assert.equal(isSignedBy(key, "a.c", signature), false);
  assert.equal(isSignedBy(key, "a.b", Buffer.alloc(0)), false);
});

test("a token without a key id may mean any key, one with it only its own", () => {
  const keys = [verificationKey({ ...ed, kid: "a" }), verificationKey({ ...rsa, kid: "b" })];
  assert.equal(candidates(keys, undefined).length, 2);
  assert.deepEqual(candidates(keys, "b"), [keys[1]]);
  assert.deepEqual(candidates(keys, "../b"), []);
});

test("a key set gives its usable keys and says what is wrong with the others", () => {
  const text = JSON.stringify({ keys: [{ ...rsa, kid: "a" }, { kty: "oct", k: "AAAA" }, ed] });
  const { keys, unusable } = readKeySetDocument(text, ["RS256", "EdDSA"]);
  assert.deepEqual(
    keys.map(({ algorithm }) => algorithm),
    ["RS256", "EdDSA"],
  );
  assert.deepEqual(unusable, ["key 2: a shared secret is not accepted"]);
});

const noSets: { text: string; saying: RegExp }[] = [
  { text: "<html>", saying: /JSON/ },
  { text: "null", saying: /not a JWKS/ },
  { text: '{"keys":{}}', saying: /not a JWKS/ },
  { text: '{"keys":[]}', saying: /no usable key/ },
  { text: '{"keys":[{"kty":"oct"}]}', saying: /no usable key; key 1: a shared secret/ },
  { text: JSON.stringify({ keys: Array.from({ length: 101 }, () => ed) }), saying: /more than 100/ },
];

for (const { text, saying } of noSets)
  test(`${text.slice(0, 30)} is no key set`, () => assert.throws(() => readKeySetDocument(text, algorithms), saying));
