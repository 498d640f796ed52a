import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test, type TestContext } from "node:test";
import { createTestKey, part, signatureOf, signToken, type TestKey } from "../authenticate/testing.ts";
import { basicOf, bearerAssertion, protocolNames, provingGround, type Proving } from "./proving.testing.ts";

const iss = "https://gateway.test";
const rsa = createTestKey("RS256", "rsa");
const es = createTestKey("ES256", "es");
const ed = createTestKey("EdDSA", "ed");
const stranger = createTestKey("RS256", "rsa");
const jwkOf = ({ publicKey, kid, algorithm }: TestKey) => ({
  ...publicKey.export({ format: "jwk" }),
  kid,
  alg: algorithm,
});

const clients = [
  { id: "keyed", keys: [rsa, es, ed].map(jwkOf), scopes: ["orders:read"] },
  { id: "other", keys: [jwkOf(stranger)], scopes: ["orders:read"] },
  { id: "mutual", certificate: { subject: { CN: "mutual" } } },
];

const now = (): number => Math.floor(Date.now() / 1000);
const claims = (more: object = {}): object => {
  const iat = now();
  return { iss: "keyed", sub: "keyed", aud: iss, iat, exp: iat + 60, jti: randomUUID(), ...more };
};
const signed = (more?: object, key: TestKey = rsa, header?: object): string => signToken(key, claims(more), header);
const formOf = (assertion: string, more: object = {}) => ({
  client_assertion_type: bearerAssertion,
  client_assertion: assertion,
  ...more,
});
const presenting = (assertion: string): Proving => ({ form: formOf(assertion) });

const accepted: { name: string; proving: () => Proving }[] = [
  { name: "RS256", proving: () => presenting(signed()) },
  { name: "ES256", proving: () => presenting(signed({}, es)) },
  { name: "EdDSA", proving: () => presenting(signed({}, ed)) },
  { name: "the token endpoint as its aud", proving: () => presenting(signed({ aud: `${iss}/oauth/token` })) },
  { name: "its one aud in a list", proving: () => presenting(signed({ aud: [iss] })) },
  { name: "its own client_id beside it", proving: () => ({ form: formOf(signed(), { client_id: "keyed" }) }) },
  { name: "a typ", proving: () => presenting(signed({}, rsa, { typ: "JWT" })) },
  { name: "the typ of its own", proving: () => presenting(signed({}, rsa, { typ: "client-authentication+jwt" })) },
  { name: "no iat", proving: () => presenting(signed({ iat: undefined })) },
  { name: "a clock ten seconds ahead", proving: () => presenting(signed({ iat: now() + 10, exp: now() + 70 })) },
  { name: "five minutes", proving: () => presenting(signed({ exp: now() + 300 })) },
];

const unsigned = `${part({ alg: "none" })}.${part(claims())}.`;
/** One attack each, and what the record says of it; the control is the table above. */
const attacks: { name: string; proving: () => Proving; why: RegExp }[] = [
  {
    name: "another's key under our key id",
    proving: () => presenting(signed({}, stranger)),
    why: /signature is wrong/,
  },
  {
    name: "a changed claim",
    proving: () => {
      const [header, , signature] = signed().split(".");
      return presenting(`${header}.${part(claims())}.${signature}`);
    },
    why: /signature is wrong/,
  },
  { name: "no signature", proving: () => presenting(unsigned), why: /algorithm/ },
  {
    name: "another algorithm of the same key",
    proving: () => presenting(signed({}, rsa, { alg: "PS256" })),
    why: /algorithm/,
  },
  { name: "a shared secret", proving: () => presenting(signed({}, rsa, { alg: "HS256" })), why: /algorithm/ },
  { name: "an unknown key id", proving: () => presenting(signed({}, rsa, { kid: "new" })), why: /unknown key/ },
  {
    name: "a key of its own",
    proving: () => presenting(signed({}, rsa, { jwk: jwkOf(rsa) })),
    why: /jwk is not accepted/,
  },
  {
    name: "a place of its own for keys",
    proving: () => presenting(signed({}, rsa, { jku: "https://a.test" })),
    why: /jku/,
  },
  { name: "a critical extension", proving: () => presenting(signed({}, rsa, { crit: ["exp"] })), why: /crit/ },
  {
    name: "the type of an access token",
    proving: () => presenting(signed({}, rsa, { typ: "at+jwt" })),
    why: /marked as something else/,
  },
  {
    name: "the type of a DPoP proof",
    proving: () => presenting(signed({}, rsa, { typ: "dpop+jwt" })),
    why: /marked as something else/,
  },
  {
    name: "another token within",
    proving: () => presenting(signed({}, rsa, { cty: "JWT" })),
    why: /marked as something else/,
  },
  { name: "another as its iss", proving: () => presenting(signed({ iss: "other" })), why: /iss and sub/ },
  { name: "no iss", proving: () => presenting(signed({ iss: undefined })), why: /iss and sub/ },
  {
    name: "another client's name",
    proving: () => presenting(signed({ iss: "other", sub: "other" })),
    why: /signature is wrong/,
  },
  { name: "no sub", proving: () => presenting(signed({ sub: undefined })), why: /names no subject/ },
  {
    name: "nobody's name",
    proving: () => presenting(signed({ iss: "nobody", sub: "nobody" })),
    why: /no client has this id/,
  },
  { name: "no aud", proving: () => presenting(signed({ aud: undefined })), why: /aud is not this issuer/ },
  {
    name: "another server as its aud",
    proving: () => presenting(signed({ aud: "https://other.test" })),
    why: /aud is not this issuer/,
  },
  {
    name: "another server beside us",
    proving: () => presenting(signed({ aud: [iss, "https://other.test"] })),
    why: /alone/,
  },
  {
    name: "an aud that begins like ours",
    proving: () => presenting(signed({ aud: `${iss}.evil.test` })),
    why: /aud is not/,
  },
  { name: "an aud with a slash more", proving: () => presenting(signed({ aud: `${iss}/` })), why: /aud is not/ },
  { name: "an empty list of aud", proving: () => presenting(signed({ aud: [] })), why: /aud is not/ },
  { name: "no exp", proving: () => presenting(signed({ exp: undefined })), why: /does not say when it ends/ },
  {
    name: "an exp that is a text",
    proving: () => presenting(signed({ exp: `${now() + 60}` })),
    why: /does not say when it ends/,
  },
  {
    name: "an exp that is over",
    proving: () => presenting(signed({ exp: now() - 31, iat: now() - 90 })),
    why: /has expired/,
  },
  {
    name: "an exp in an hour",
    proving: () => presenting(signed({ exp: now() + 3600, iat: undefined })),
    why: /too far away/,
  },
  {
    name: "an exp at the end of time",
    proving: () => presenting(signed({ exp: 1e300, iat: undefined })),
    why: /too far away/,
  },
  { name: "an iat of yesterday", proving: () => presenting(signed({ iat: now() - 86_400 })), why: /lives too long/ },
  {
    name: "an iat of tomorrow",
    proving: () => presenting(signed({ iat: now() + 120, exp: now() + 300 })),
    why: /iat cannot be/,
  },
  { name: "an iat that is a text", proving: () => presenting(signed({ iat: "now" })), why: /iat cannot be/ },
  { name: "an nbf to come", proving: () => presenting(signed({ nbf: now() + 120 })), why: /not valid yet/ },
  { name: "no jti", proving: () => presenting(signed({ jti: undefined })), why: /jti/ },
  { name: "an empty jti", proving: () => presenting(signed({ jti: "" })), why: /jti/ },
  { name: "an endless jti", proving: () => presenting(signed({ jti: "j".repeat(257) })), why: /jti/ },
  {
    name: "no assertion at all",
    proving: () => ({ form: { client_assertion_type: bearerAssertion } }),
    why: /three parts/,
  },
  {
    name: "a type of another kind",
    proving: () => ({
      form: { ...formOf(signed()), client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:saml2-bearer" },
    }),
    why: /of no type/,
  },
  { name: "no type", proving: () => ({ form: { client_assertion: signed() } }), why: /of no type/ },
  { name: "padding", proving: () => presenting(`${signed()}=`), why: /not base64url/ },
  { name: "a member twice", proving: () => presenting(twice()), why: /names a member twice/ },
  {
    name: "a secret, which it has not",
    proving: () => ({ headers: { authorization: basicOf("keyed", "keyed-secret") } }),
    why: /presents a secret, and is registered for private_key_jwt/,
  },
  {
    name: "its name alone",
    proving: () => ({ form: { client_id: "keyed" } }),
    why: /nothing but its name, and is registered for private_key_jwt/,
  },
  {
    name: "an assertion of a client with a secret",
    proving: () => presenting(signed({ iss: "app", sub: "app" })),
    why: /an assertion, and is registered for client_secret/,
  },
  {
    name: "an assertion of a client with a certificate",
    proving: () => presenting(signed({ iss: "mutual", sub: "mutual" })),
    why: /registered for tls_client_auth/,
  },
];

function twice(): string {
  const payload = JSON.stringify(claims()).replace("{", '{"sub":"other",');
  const input = `${part({ alg: "RS256", kid: "rsa" })}.${Buffer.from(payload).toString("base64url")}`;
  return `${input}.${signatureOf(rsa, input).toString("base64url")}`;
}

/** Ten failures a minute are the limit: each attack comes to a gateway of its own store, some at a time. */
async function each<Row>(
  t: TestContext,
  rows: readonly Row[],
  look: (row: Row, proving: Awaited<ReturnType<typeof provingGround>>) => Promise<void>,
) {
  let ground = await provingGround(t, { clients });
  for (const [index, row] of rows.entries()) {
    if (index % 8 === 7) ground = await provingGround(t, { clients });
    await look(row, ground);
  }
}

for (const protocol of protocolNames) {
  test(`over ${protocol} a client proves itself with an assertion`, (t) =>
    each(t, accepted, async ({ name, proving }, ground) => {
      const { status, json, record } = await ground[protocol](proving());
      assert.deepEqual([name, status], [name, 200]);
      assert.equal(json.scope, "orders:read");
      assert.deepEqual([record?.principal?.subject, record?.principal?.method], ["keyed", "jwt"]);
    }));

  test(`over ${protocol} every attack has its own reason in the record, and one answer`, (t) =>
    each(t, attacks, async ({ name, proving, why }, ground) => {
      const { status, json, reason, text } = await ground[protocol](proving());
      assert.deepEqual([name, status, json.error], [name, 401, "invalid_client"]);
      assert.equal(json.error_description, "the client is not known, or did not prove it");
      assert.match(reason, why, name);
      assert.doesNotMatch(text, /keyed|jti|signature|aud/);
    }));
}

const doubled: { name: string; proving: () => Proving }[] = [
  { name: "a header", proving: () => ({ headers: { authorization: basicOf("keyed", "x") }, form: formOf(signed()) }) },
  { name: "a secret", proving: () => ({ form: formOf(signed(), { client_secret: "x" }) }) },
  { name: "another name", proving: () => ({ form: formOf(signed(), { client_id: "other" }) }) },
];
for (const { name, proving } of doubled)
  test(`an assertion and ${name} are refused as two ways`, async (t) => {
    const ground = await provingGround(t, { clients });
    const { status, json } = await ground.http1(proving());
    assert.deepEqual([status, json.error], [400, "invalid_request"]);
  });

test("an assertion is good once, at whatever endpoint", async (t) => {
  const ground = await provingGround(t, { clients });
  const assertion = signed();
  assert.equal((await ground.http1(presenting(assertion))).status, 200);
  const again = await ground.http2({ ...presenting(assertion), path: "/oauth/introspect" });
  assert.equal(again.status, 401);
  assert.match(again.reason, /used before/);
});

test("one client's jti is not another's", async (t) => {
  const ground = await provingGround(t, { clients });
  const jti = "the same";
  assert.equal((await ground.http1(presenting(signed({ jti })))).status, 200);
  assert.equal((await ground.http1(presenting(signed({ jti, iss: "other", sub: "other" }, stranger)))).status, 200);
});

test("bad assertions are guesses, and stopped like others", async (t) => {
  const ground = await provingGround(t, { clients });
  for (let count = 0; count < 10; count++)
    assert.equal((await ground.http1(presenting(signed({}, stranger)))).status, 401);
  const { status, json, retryAfter } = await ground.http1(presenting(signed()));
  assert.deepEqual([status, json.error], [429, "slow_down"]);
  assert.ok(Number(retryAfter) > 0);
});
