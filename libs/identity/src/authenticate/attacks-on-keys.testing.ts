import { createHmac } from "node:crypto";
import {
  type Attack,
  claims,
  ed,
  es,
  good,
  goodEd,
  goodEs,
  inputOf,
  other,
  rsa,
  stranger,
  withHeader,
  now,
} from "./attacks.testing.ts";
import { createTestKey, part, signatureOf, signToken, type TestKey } from "./testing.ts";

const ofOther = { ...claims, iss: other, aud: "other-api" };
const unsigned = (header: object): string => `${part(header)}.${part(claims)}.`;
/** The public key, which everybody has, as the secret of an HMAC. */
const confused = (header: object): string => {
  const input = `${part(header)}.${part(claims)}`;
  const secret = rsa.publicKey.export({ format: "pem", type: "spki" });
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
};
const signedWith = (key: TestKey, input: string, alter: (signature: Buffer) => Buffer): string =>
  `${input}.${alter(signatureOf(key, input)).toString("base64url")}`;
const [goodHeader = "", goodPayload = "", goodSignature = ""] = good.split(".");
/** An Ed25519 signature with the order of the group added to its second half: the same point, if nobody looks (RFC 8032 §8.4). */
const plusOrder = (signature: Buffer): Buffer => {
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  const altered = Buffer.from(signature);
  let carry = order;
  for (let at = 32; at < 64; at++, carry >>= 8n) altered[at] = Number((carry += BigInt(altered[at] ?? 0)) & 255n);
  return altered;
};

/** Tokens that want to be checked in another way than by their key. */
export const attacksOnAlgorithms: readonly Attack[] = [
  { name: "alg none", token: unsigned({ alg: "none" }), code: "token.algorithm" },
  { name: "alg nOnE", token: unsigned({ alg: "nOnE", kid: "rsa" }), code: "token.algorithm" },
  { name: "the public key as an HS256 secret", token: confused({ alg: "HS256", kid: "rsa" }), code: "token.algorithm" },
  { name: "the same, without a key id", token: confused({ alg: "HS256" }), code: "token.algorithm" },
  { name: "the same, with a lie about alg", token: confused({ alg: "RS256", kid: "rsa" }), code: "token.signature" },
  {
    name: "an alg that the key is not pinned to",
    token: signToken({ ...rsa, algorithm: "PS256" }, claims),
    code: "token.algorithm",
  },
  {
    name: "an alg that the issuer is not allowed",
    token: signToken({ ...rsa, algorithm: "RS512" }, claims),
    code: "token.algorithm",
  },
  {
    name: "that alg under an unknown key",
    token: signToken({ ...rsa, algorithm: "RS512" }, claims, { kid: "new" }),
    code: "token.algorithm",
  },
  { name: "alg EdDSA over an RSA signature", token: withHeader({ alg: "EdDSA" }), code: "token.algorithm" },
  {
    name: "the key id of another kind of key",
    token: signToken(ed, claims, { kid: "rsa" }),
    control: goodEd,
    code: "token.algorithm",
  },
  {
    name: "an ECDSA token under the key id of an EdDSA key",
    token: signToken(es, claims, { kid: "ed" }),
    control: goodEs,
    code: "token.algorithm",
  },
  { name: "an alg in lower case", token: withHeader({ alg: "rs256" }), code: "token.algorithm" },
  { name: "an alg that objects have", token: unsigned({ alg: "constructor" }), code: "token.algorithm" },
  { name: "no alg", token: withHeader({ alg: undefined }), code: "token.malformed", saying: /no algorithm/ },
];

/** Tokens that are not signed, or not by whom they say. */
export const attacksOnSignatures: readonly Attack[] = [
  { name: "no signature", token: unsigned({ alg: "RS256", kid: "rsa" }), code: "token.signature" },
  {
    name: "no EdDSA signature",
    token: unsigned({ alg: "EdDSA", kid: "ed" }),
    control: goodEd,
    code: "token.signature",
  },
  {
    name: "an ECDSA signature of zeros",
    token: signedWith(es, inputOf(goodEs), (s) => Buffer.alloc(s.length)),
    control: goodEs,
    code: "token.signature",
  },
  {
    name: "an EdDSA signature in its other form",
    token: signedWith(ed, inputOf(goodEd), plusOrder),
    control: goodEd,
    code: "token.signature",
  },
  {
    name: "a signature with a byte more",
    token: signedWith(rsa, inputOf(good), (s) => Buffer.concat([s, Buffer.alloc(1)])),
    code: "token.signature",
  },
  {
    name: "a signature cut short",
    token: signedWith(rsa, inputOf(good), (s) => s.subarray(0, 255)),
    code: "token.signature",
  },
  { name: "another's signature under our key id", token: signToken(stranger, claims), code: "token.signature" },
  {
    name: "another's EdDSA signature",
    token: signToken(createTestKey("EdDSA", "ed"), claims),
    control: goodEd,
    code: "token.signature",
  },
  {
    name: "an altered payload",
    token: `${goodHeader}.${part({ ...claims, sub: "admin" })}.${goodSignature}`,
    code: "token.signature",
  },
  {
    name: "an altered header",
    token: `${part({ alg: "RS256", kid: "rsa", typ: "JWT" })}.${goodPayload}.${goodSignature}`,
    code: "token.signature",
  },
  {
    name: "the signature of something else",
    token: signedWith(rsa, inputOf(good), () => signatureOf(rsa, "x")),
    code: "token.signature",
  },
  {
    name: "our key for the issuer that has the same key id",
    token: signToken(rsa, ofOther),
    control: signToken(stranger, ofOther),
    code: "token.signature",
  },
];

/** Tokens that want to be checked by another key. */
export const attacksOnKeys: readonly Attack[] = [
  { name: "an unknown key id", token: withHeader({ kid: "new" }), code: "token.key" },
  { name: "a key id that is a path", token: withHeader({ kid: "../../../../dev/null" }), code: "token.key" },
  { name: "a key id that is SQL", token: withHeader({ kid: "' UNION SELECT 'x" }), code: "token.key" },
  { name: "a key id that is a command", token: withHeader({ kid: "|whoami" }), code: "token.key" },
  { name: "a key id that is a URL", token: withHeader({ kid: "https://evil.test/key" }), code: "token.key" },
  { name: "a key id that objects have", token: withHeader({ kid: "__proto__" }), code: "token.key" },
  { name: "a key id that is empty", token: withHeader({ kid: "" }), code: "token.key" },
  { name: "a key id in other case", token: withHeader({ kid: "RSA" }), code: "token.key" },
  { name: "a key id that is null", token: withHeader({ kid: null }), code: "token.malformed", saying: /key id/ },
  { name: "a key id that is a list", token: withHeader({ kid: ["rsa"] }), code: "token.malformed", saying: /key id/ },
  {
    name: "a key id of 257 characters",
    token: withHeader({ kid: "k".repeat(257) }),
    code: "token.malformed",
    saying: /key id/,
  },
  {
    name: "a key brought along in jwk",
    token: signToken(stranger, claims, { jwk: stranger.publicKey.export({ format: "jwk" }) }),
    code: "token.malformed",
    saying: /parameter jwk/,
  },
  {
    name: "a key behind jku",
    token: signToken(stranger, claims, { jku: "https://evil.test/jwks" }),
    code: "token.malformed",
    saying: /parameter jku/,
  },
  {
    name: "a certificate behind x5u",
    token: signToken(stranger, claims, { x5u: "https://evil.test/c" }),
    code: "token.malformed",
    saying: /parameter x5u/,
  },
  {
    name: "a certificate brought along in x5c",
    token: signToken(stranger, claims, { x5c: ["AAAA"] }),
    code: "token.malformed",
    saying: /parameter x5c/,
  },
  {
    name: "an extension that must be understood",
    token: withHeader({ crit: ["exp"], exp: now + 600 }),
    control: withHeader({ exp: now + 600, x5t: "AAAA" }),
    code: "token.malformed",
    saying: /parameter crit/,
  },
  {
    name: "an empty list of extensions",
    token: withHeader({ crit: [] }),
    code: "token.malformed",
    saying: /parameter crit/,
  },
  {
    name: "a payload that is not encoded",
    token: withHeader({ b64: false }),
    code: "token.malformed",
    saying: /parameter b64/,
  },
];
