import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import { readCompactJws } from "../jose/compact-jws.ts";
import { readKeySetDocument } from "../jose/key-set-document.ts";
import { isSignedBy, verificationKey } from "../jose/verification-key.ts";
import { jwtKind } from "./jwt-strategy.ts";
import { authenticate } from "./stage.ts";
import { createTestKey, issuersOf, issuerWith, signToken, sourceOf } from "./testing.ts";

/** The payload of RFC 7515 A.1 to A.3: issuer "joe", no subject and no audience. */
const joe = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const expiry = 1_300_819_380;

/** Judges a token of joe's a minute before it expires, by keys without key ids. */
async function judge(token: string, jwk: object, more: { iss?: string; audiences?: string[]; now?: number } = {}) {
  const { iss = "joe", audiences = ["api"], now = expiry - 60 } = more;
  const issuer = issuerWith({ issuer: iss, audiences, keys: sourceOf(verificationKey(jwk)) });
  const clock = { now: () => now * 1000, monotonic: () => 0 };
  const { exchange } = exchangeOf({ rawHeaders: ["authorization", `Bearer ${token}`] });
  await authenticate({ kinds: [jwtKind({ issuers: issuersOf(issuer), clock })], clock }).run(exchange);
  return exchange.principal;
}

const altered = (token: string): string => {
  const start = token.lastIndexOf(".") + 1;
  return `${token.slice(0, start)}${token[start] === "A" ? "B" : "A"}${token.slice(start + 1)}`;
};

const signed = [
  {
    name: "RFC 7515 A.2, RS256",
    jwk: {
      kty: "RSA",
      n: "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
      e: "AQAB",
    },
    token: `eyJhbGciOiJSUzI1NiJ9.${joe}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw`,
  },
  {
    name: "RFC 7515 A.3, ES256",
    jwk: {
      kty: "EC",
      crv: "P-256",
      x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    },
    token: `eyJhbGciOiJFUzI1NiJ9.${joe}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
  },
];
for (const { name, jwk, token } of signed) {
  test(`${name}: the signature is right, so what is wrong is that the token is for nobody`, async () => {
    await assert.rejects(judge(token, jwk), { code: "token.audience" });
  });
  test(`${name}: with one character changed it is the signature`, async () => {
    await assert.rejects(judge(altered(token), jwk), { code: "token.signature" });
  });
  test(`${name}: fifteen years later it has expired`, async () => {
    await assert.rejects(judge(token, jwk, { now: expiry + 60 }), { code: "token.expired" });
  });
}

const [{ jwk: rsa } = { jwk: {} }] = signed;
const foreign: { name: string; token: string; code: string }[] = [
  {
    name: "RFC 7519 3.1, a JWT under a shared secret",
    token: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${joe}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
    code: "token.algorithm",
  },
  { name: "RFC 7519 6.1, an unsecured JWT", token: `eyJhbGciOiJub25lIn0.${joe}.`, code: "token.algorithm" },
  { name: "RFC 7515 F, detached content", token: "eyJhbGciOiJFUzI1NiJ9..DtEhU3ljbEg8L38V", code: "token.malformed" },
];
for (const { name, token, code } of foreign)
  test(`${name}: ${code}`, () => assert.rejects(judge(token, rsa), { code }));

const ed25519 = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
const edToken =
  "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

test("RFC 8037 A.4, EdDSA: the signature is right, and wrong with one character changed", () => {
  const input = edToken.slice(0, edToken.lastIndexOf("."));
  const signatureIn = (token: string): Buffer => Buffer.from(token.split(".")[2] ?? "", "base64url");
  assert.equal(isSignedBy(verificationKey(ed25519), input, signatureIn(edToken)), true);
  assert.equal(isSignedBy(verificationKey(ed25519), input, signatureIn(altered(edToken))), false);
  assert.throws(() => readCompactJws(edToken), /payload is not JSON/);
});

test("RFC 7517 A.1: the RSA key is of use, the EC key for encryption is not", () => {
  const set = {
    keys: [
      {
        kty: "EC",
        crv: "P-256",
        x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        use: "enc",
        kid: "1",
      },
      {
        kty: "RSA",
        n: "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        e: "AQAB",
        alg: "RS256",
        kid: "2011-04-29",
      },
    ],
  };
  const { keys, unusable } = readKeySetDocument(JSON.stringify(set), ["RS256", "ES256"]);
  assert.deepEqual(
    keys.map(({ kid, algorithm }) => [kid, algorithm]),
    [["2011-04-29", "RS256"]],
  );
  assert.deepEqual(unusable, ["key 1: it is not meant for signatures"]);
});

test("RFC 9068 2.2: the shape of an access token becomes its principal", async () => {
  const key = createTestKey("RS256", "RjEwOwOA");
  const iss = "https://authorization-server.example.com/";
  const claims = {
    iss,
    sub: "5ba552d67",
    aud: "https://rs.example.com/",
    exp: 1_639_528_912,
    iat: 1_618_354_090,
    jti: "dbe39bf3a3ba4238a513f51d6e1691c4",
    client_id: "s6BhdRkqt3",
    scope: "openid profile reademail",
  };
  const jwk = { ...key.publicKey.export({ format: "jwk" }), kid: key.kid };
  const at = { iss, audiences: ["https://rs.example.com/"], now: 1_618_354_100 };
  const principal = await judge(signToken(key, claims, { typ: "at+JWT" }), jwk, at);
  assert.partialDeepStrictEqual(principal, {
    subject: "5ba552d67",
    client: "s6BhdRkqt3",
    scopes: ["openid", "profile", "reademail"],
    issuer: iss,
  });
});
