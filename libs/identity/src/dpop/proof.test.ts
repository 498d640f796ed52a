import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { createTestKey, part, signToken } from "../authenticate/testing.ts";
import { algorithms } from "../jose/algorithm.ts";
import { TwoGenerations } from "../two-generations.ts";
import { jwkThumbprint } from "./jwk-thumbprint.ts";
import { readProof } from "./proof.ts";
import { createClientKey, proofFor } from "./testing.ts";

const read = (text: string) => readProof(text, new TwoGenerations(10));

test("thumbprints are those of the RFCs", () => {
  // RFC 7638 §3.1.
  const rsa = {
    kty: "RSA",
    n: "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    e: "AQAB",
    alg: "RS256",
    kid: "2011-04-29",
  };
  assert.equal(jwkThumbprint(rsa), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  // RFC 8037 A.3.
  const ed = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
  assert.equal(jwkThumbprint(ed), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  for (const broken of [{}, { kty: "oct", k: "AA" }, { kty: "EC", crv: "P-256", x: "a" }, { kty: "toString" }])
    assert.equal(jwkThumbprint(broken), undefined);
});

/** RFC 9449 §4.1 and §7.1: one key, at the token endpoint and with the token that it got there. */
const header =
  "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
const forToken =
  ".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
const forResource =
  ".eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
const thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

test("the proofs of RFC 9449 are read", () => {
  assert.deepEqual(read(header + forToken), {
    thumbprint,
    id: "-BwC3ESc6acc2lTc",
    method: "POST",
    target: "https://server.example.com/token",
    issuedAt: 1_562_262_616_000,
    tokenDigest: undefined,
    nonce: undefined,
  });
  assert.deepEqual(read(header + forResource), {
    thumbprint,
    id: "e1j3V_bKic8-LAEB",
    method: "GET",
    target: "https://resource.example.org/protectedresource",
    issuedAt: 1_562_262_618_000,
    tokenDigest: "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
    nonce: undefined,
  });
});

const asked = { url: "https://a.test/" };
for (const algorithm of algorithms)
  test(`a proof by ${algorithm} is one, and its forgery is none`, () => {
    const key = createClientKey(algorithm);
    assert.equal(read(proofFor(key, asked)).thumbprint, key.thumbprint);
    const forged = proofFor({ ...createClientKey(algorithm), jwk: key.jwk }, asked);
    assert.throws(() => read(forged), { name: "ProofError", message: /not signed by the key/ });
  });

const ec = createClientKey();
const rsa = createClientKey("RS256");
const other = createClientKey();
const privateJwk = ec.privateKey.export({ format: "jwk" });
const good = proofFor(ec, asked);
const [, goodPayload, goodSignature] = good.split(".");
const secret = "s".repeat(32);
const hmac = (head: object): string => {
  const input = `${part(head)}.${goodPayload}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
};
const withHeader = (head: object): string => proofFor(ec, asked, { header: head });
const withClaims = (claims: object): string => proofFor(ec, asked, { claims });
const hugeExponent = { ...rsa.jwk, e: Buffer.alloc(128, 0xff).toString("base64url") };
const shortRsa = { kty: "RSA", e: "AQAB", n: Buffer.alloc(128, 0xff).toString("base64url") };

const refused: { name: string; proof: string; says: RegExp }[] = [
  { name: "no text", proof: "", says: /three parts/ },
  { name: "no JWS", proof: "x", says: /three parts/ },
  { name: "padding", proof: `${good}=`, says: /base64url/ },
  { name: "two proofs in one line", proof: `${good}, ${good}`, says: /base64url|three parts/ },
  { name: "too long", proof: withClaims({ more: "x".repeat(4000) }), says: /4096/ },
  { name: "no typ", proof: withHeader({ typ: undefined }), says: /marked/ },
  { name: "the typ of a token", proof: withHeader({ typ: "at+jwt" }), says: /marked/ },
  { name: "a typ that is a list", proof: withHeader({ typ: ["dpop+jwt"] }), says: /marked/ },
  { name: "an access token", proof: signToken(ec, { jti: "a" }), says: /marked/ },
  {
    name: "alg none",
    proof: `${part({ typ: "dpop+jwt", alg: "none", jwk: ec.jwk })}.${goodPayload}.`,
    says: /algorithm/,
  },
  {
    name: "HS256 by a shared secret",
    proof: hmac({ typ: "dpop+jwt", alg: "HS256", jwk: { kty: "oct", k: part(secret) } }),
    says: /algorithm/,
  },
  {
    name: "a shared secret under ES256",
    proof: hmac({ typ: "dpop+jwt", alg: "ES256", jwk: { kty: "oct", k: "AAAA" } }),
    says: /private key/,
  },
  { name: "another algorithm than the key's", proof: withHeader({ alg: "ES384" }), says: /key is not accepted/ },
  {
    name: "a key pinned to another algorithm",
    proof: withHeader({ jwk: { ...ec.jwk, alg: "ES384" } }),
    says: /key is not accepted/,
  },
  { name: "a key for encryption", proof: withHeader({ jwk: { ...ec.jwk, use: "enc" } }), says: /key is not accepted/ },
  { name: "no key", proof: withHeader({ jwk: undefined }), says: /no key/ },
  { name: "a key that is a text", proof: withHeader({ jwk: "key" }), says: /no key/ },
  { name: "a key that is a list", proof: withHeader({ jwk: [ec.jwk] }), says: /no key/ },
  { name: "its private key", proof: withHeader({ jwk: privateJwk }), says: /private key/ },
  { name: "a private member of another kind", proof: withHeader({ jwk: { ...ec.jwk, dp: "" } }), says: /private key/ },
  { name: "a key of an unknown type", proof: withHeader({ jwk: { kty: "AKP", pub: "AA" } }), says: /known type/ },
  {
    name: "a point that is not on the curve",
    proof: withHeader({ jwk: { ...ec.jwk, y: ec.jwk["x"] } }),
    says: /key is not accepted/,
  },
  { name: "a short RSA key", proof: proofFor(rsa, asked, { header: { jwk: shortRsa } }), says: /key is not accepted/ },
  { name: "a costly RSA exponent", proof: proofFor(rsa, asked, { header: { jwk: hugeExponent } }), says: /exponent/ },
  { name: "another's key", proof: withHeader({ jwk: other.jwk }), says: /not signed/ },
  {
    name: "a key id of ours in place of the key",
    proof: withHeader({ jwk: undefined, kid: "client" }),
    says: /no key/,
  },
  { name: "its key behind jku", proof: withHeader({ jku: "https://evil.test" }), says: /jku/ },
  { name: "its key in x5c", proof: withHeader({ x5c: ["AA"] }), says: /x5c/ },
  { name: "an extension", proof: withHeader({ crit: ["b64"] }), says: /crit/ },
  {
    name: "an altered payload",
    proof: `${good.split(".")[0]}.${part({ jti: "x" })}.${goodSignature}`,
    says: /not signed/,
  },
  { name: "no signature", proof: `${good.slice(0, good.lastIndexOf("."))}.`, says: /not signed/ },
  { name: "no jti", proof: withClaims({ jti: undefined }), says: /lacks/ },
  { name: "an empty jti", proof: withClaims({ jti: "" }), says: /jti/ },
  { name: "a long jti", proof: withClaims({ jti: "j".repeat(257) }), says: /jti/ },
  { name: "a jti that is a number", proof: withClaims({ jti: 1 }), says: /jti/ },
  { name: "no htm", proof: withClaims({ htm: undefined }), says: /lacks/ },
  { name: "several methods", proof: withClaims({ htm: ["GET", "POST"] }), says: /htm/ },
  { name: "no htu", proof: withClaims({ htu: undefined }), says: /lacks/ },
  { name: "no iat", proof: withClaims({ iat: undefined }), says: /lacks/ },
  { name: "an iat that is a text", proof: withClaims({ iat: "0" }), says: /lacks/ },
  { name: "a nonce that is a list", proof: withClaims({ nonce: [] }), says: /nonce/ },
];
for (const { name, proof, says } of refused)
  test(`a proof with ${name} is none`, () =>
    assert.throws(
      () => read(proof),
      (error: unknown) => {
        assert.ok(error instanceof Error && error.name === "ProofError", String(error));
        assert.match(error.message, says);
        assert.doesNotMatch(error.message, /eyJ|evil/);
        return true;
      },
    ));

test("the control: what these start from is a proof", () => assert.equal(read(good).thumbprint, ec.thumbprint));

test("a key that is known by its header still has to have signed", () => {
  const known = new TwoGenerations<never>(10) as Parameters<typeof readProof>[1];
  readProof(good, known);
  assert.equal(known.size, 1);
  readProof(withClaims({ jti: "second" }), known);
  assert.equal(known.size, 1);
  assert.throws(() => readProof(proofFor({ ...other, jwk: ec.jwk }, asked), known), /not signed/);
  assert.throws(() => readProof(withHeader({ jwk: other.jwk }), known), /not signed/);
  assert.equal(known.size, 1, "what proved nothing is not remembered");
  assert.throws(() => readProof(signToken(createTestKey("ES256", "x"), {}), known), /marked/);
});
