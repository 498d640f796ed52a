import {
  type Attack,
  claims,
  good,
  goodEd,
  headerJson,
  inputOf,
  json,
  marked,
  rsa,
  signedTexts,
  withClaims,
  withHeader,
} from "./attacks.testing.ts";
import { part, signToken } from "./testing.ts";

const [goodHeader = "", goodPayload = "", goodSignature = ""] = good.split(".");
/** The last character again, with one of the bits set that mean nothing. */
const withUnusedBit = (text: string): string => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) ?? "") | 1];
};
/** The longest token that is still looked at, and one that is longer. */
const longest = withClaims({ pad: "x".repeat((Math.floor((8192 - good.length) / 4) - 4) * 3) });
const tooLong = withClaims({ pad: "x".repeat(6144) });

/** Tokens that can be read in more ways than one, or in none. */
export const attacksOnForm: readonly Attack[] = [
  {
    name: "white space within",
    token: `${goodHeader}.${goodPayload} .${goodSignature}`,
    code: "token.malformed",
    saying: /not base64url/,
  },
  {
    name: "a tab within",
    token: `${goodHeader}.\t${goodPayload}.${goodSignature}`,
    code: "token.malformed",
    saying: /not base64url/,
  },
  { name: "padding at the end", token: `${good}==`, code: "token.malformed", saying: /not base64url/ },
  {
    name: "padding of the payload",
    token: `${goodHeader}.${goodPayload}=.${goodSignature}`,
    code: "token.malformed",
    saying: /not base64url/,
  },
  {
    name: "the letters of plain base64",
    token: `${inputOf(good)}.${goodSignature.slice(0, -2)}+A`,
    code: "token.malformed",
    saying: /not base64url/,
  },
  { name: "a percent sign", token: `${good.slice(0, -1)}%41`, code: "token.malformed", saying: /not base64url/ },
  {
    name: "an unused bit in the signature",
    token: withUnusedBit(good),
    code: "token.malformed",
    saying: /one base64url form/,
  },
  {
    name: "an unused bit in an EdDSA signature",
    token: withUnusedBit(goodEd),
    control: goodEd,
    code: "token.malformed",
    saying: /one base64url form/,
  },
  { name: "no dot", token: goodPayload, code: "token.malformed", saying: /three parts/ },
  { name: "one dot", token: inputOf(good), code: "token.malformed", saying: /three parts/ },
  { name: "three dots", token: `${good}.`, code: "token.malformed", saying: /three parts/ },
  {
    name: "four dots, as a JWE has",
    token: `${part({ alg: "RSA-OAEP", enc: "A256GCM" })}.AAAA.AAAA.AAAA.AAAA`,
    code: "token.malformed",
    saying: /three parts/,
  },
  { name: "four dots around a good token", token: `${good}.AAAA.AAAA`, code: "token.malformed", saying: /three parts/ },
  { name: "no header", token: `.${goodPayload}.${goodSignature}`, code: "token.malformed", saying: /three parts/ },
  { name: "no payload", token: `${goodHeader}..${goodSignature}`, code: "token.malformed", saying: /three parts/ },
  {
    name: "a header with two algorithms",
    token: signedTexts('{"alg":"none","alg":"RS256","kid":"rsa"}', json),
    control: signedTexts(headerJson, json),
    code: "token.malformed",
    saying: /header names a member twice/,
  },
  {
    name: "a payload with two subjects",
    token: signedTexts(headerJson, json.replace("{", '{"sub":"admin",')),
    control: signedTexts(headerJson, json),
    code: "token.malformed",
    saying: /payload names a member twice/,
  },
  {
    name: "a payload that is a list",
    token: signedTexts(headerJson, `[${json}]`),
    code: "token.malformed",
    saying: /not a JSON object/,
  },
  {
    name: "a payload with a comment",
    token: signedTexts(headerJson, `${json}//`),
    code: "token.malformed",
    saying: /not JSON/,
  },
  { name: "more characters than are looked at", token: tooLong, control: longest, code: "token.too-long" },
];

/** Tokens for another purpose. */
export const attacksOnType: readonly Attack[] = [
  { name: "a token in a token", token: withHeader({ cty: "JWT" }), code: "token.malformed", saying: /another token/ },
  {
    name: "one of our own assertions",
    token: withHeader({ typ: "tandem+jwt" }),
    code: "token.malformed",
    saying: /access token/,
  },
  { name: "a logout token", token: withHeader({ typ: "logout+jwt" }), code: "token.malformed", saying: /access token/ },
  { name: "a DPoP proof", token: withHeader({ typ: "dpop+jwt" }), code: "token.malformed", saying: /access token/ },
  {
    name: "a type that is a list",
    token: withHeader({ typ: ["JWT"] }),
    control: withHeader({ typ: "JWT" }),
    code: "token.malformed",
    saying: /access token/,
  },
  ...[{ typ: "JWT" }, { typ: "id+jwt" }, {}].map((header): Attack => ({
    name: `a token marked ${header.typ ?? "not at all"} where access tokens are marked`,
    token: signToken(rsa, { ...claims, iss: marked }, header),
    control: signToken(rsa, { ...claims, iss: marked }, { typ: "at+jwt" }),
    code: "token.malformed",
    saying: /access token/,
  })),
];
