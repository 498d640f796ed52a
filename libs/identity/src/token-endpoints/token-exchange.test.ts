import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { decodeJwt } from "jose";
import type { Condition } from "../authenticate/verified.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { exchangeWorld, now, theirToken } from "./exchange.testing.ts";
import { tokenTypes } from "./subject-tokens.ts";
import { protocols } from "./testing.ts";

for (const protocol of protocols)
  test(`over ${protocol.name} another's token becomes ours, for the client that acts with it`, async (t) => {
    const { exchange } = await exchangeWorld(t, {}, protocol);
    const exp = now() + 300;
    const { status, json, headers } = await exchange({ subject_token: theirToken({ exp }) });
    assert.deepEqual([status, headers["cache-control"]], [200, "no-store"]);
    const { access_token: token, expires_in: lives, ...rest } = json;
    assert.deepEqual(rest, { token_type: "Bearer", scope: "orders:read", issued_token_type: tokenTypes.accessToken });
    assert.ok(lives > 290 && lives <= 300);
    const { jti: _id, iat: _since, ...claims } = decodeJwt(token);
    assert.deepEqual(claims, {
      iss: "https://gateway.test",
      sub: "alice",
      client_id: "web",
      aud: ["demo", "https://orders.test/"],
      exp,
      scope: "orders:read",
      roles: ["clerk"],
      tenant: "theirs",
      act: { sub: "web" },
    });
  });

test("an API key becomes a token of its owner, and of no more than the key", async (t) => {
  const { exchange, secret } = await exchangeWorld(t);
  const { json } = await exchange({ subject_token: secret, subject_token_type: tokenTypes.apiKey });
  const { sub, scope, roles, tenant, act } = decodeJwt(json.access_token);
  assert.deepEqual(
    { sub, scope, roles, tenant, act },
    {
      sub: "reports",
      scope: "orders:write",
      roles: ["clerk"],
      tenant: "north",
      act: { sub: "web" },
    },
  );
  assert.equal(json.expires_in, 600);
});

for (const as of ["web", "closed"])
  test(`our own token can be exchanged as well, one that ${as} was given`, async (t) => {
    const { exchange } = await exchangeWorld(t);
    const first = (await exchange({ audience: "demo" }, as)).json.access_token;
    const fields = { subject_token: first, subject_token_type: tokenTypes.accessToken };
    const { sub, aud, act, scope } = decodeJwt((await exchange(fields)).json.access_token);
    const expected = { sub: "alice", aud: "demo", scope: "orders:read", act: { sub: "web", act: { sub: as } } };
    assert.deepEqual({ sub, aud, scope, act }, expected);
    const { status, json } = await exchange({ ...fields, audience: "https://orders.test/" });
    assert.deepEqual([status, json.error], [400, "invalid_target"], "it was for somebody else alone");
  });

test("a client with opaque tokens gets one, and says so", async (t) => {
  const { exchange } = await exchangeWorld(t);
  const { json } = await exchange({}, "closed");
  assert.match(json.access_token, /^tdo_/);
  assert.equal(json.issued_token_type, tokenTypes.accessToken);
  const refused = await exchange({ requested_token_type: tokenTypes.jwt }, "closed");
  assert.deepEqual([refused.status, refused.json.error], [400, "invalid_request"]);
});

const asked: { name: string; fields: object; claims: object }[] = [
  {
    name: "of several scopes those that all have",
    fields: { scope: "orders:write orders:read x" },
    claims: { scope: "orders:read" },
  },
  {
    name: "no scope where the subject has none",
    fields: { subject_token: theirToken({ scope: undefined }) },
    claims: { scope: undefined },
  },
  { name: "one audience", fields: { audience: "demo" }, claims: { aud: "demo" } },
  { name: "one resource", fields: { resource: "https://orders.test/" }, claims: { aud: "https://orders.test/" } },
  {
    name: "both",
    fields: { audience: "demo", resource: "https://orders.test/" },
    claims: { aud: ["demo", "https://orders.test/"] },
  },
  { name: "a JWT", fields: { requested_token_type: tokenTypes.jwt }, claims: { iss: "https://gateway.test" } },
  { name: "the session of the subject", fields: { subject_token: theirToken({ sid: "s" }) }, claims: { sid: "s" } },
  {
    name: "the part of a client that may act",
    fields: { subject_token: theirToken({ may_act: { sub: "web" } }) },
    claims: { act: { sub: "web" } },
  },
  {
    name: "who acted before",
    fields: { subject_token: theirToken({ act: { sub: "a", x: 1, act: { sub: "b" } } }) },
    claims: { act: { sub: "web", act: { sub: "a", act: { sub: "b" } } } },
  },
];
for (const { name, fields, claims } of asked)
  test(`a client can get ${name}`, async (t) => {
    const { exchange } = await exchangeWorld(t);
    const { status, json } = await exchange(fields);
    assert.equal(status, 200, JSON.stringify(json));
    const got = decodeJwt(json.access_token);
    for (const [claim, value] of Object.entries(claims)) assert.deepEqual(got[claim], value, claim);
    if ("requested_token_type" in fields) assert.equal(json.issued_token_type, fields.requested_token_type);
  });

const certificate = "c".repeat(43);
let deep: object = { sub: "x" };
for (let turn = 0; turn < 8; turn++) deep = { sub: "x", act: deep };

const refused: { name: string; fields: object; error: string; as?: string }[] = [
  { name: "a client that may not", fields: {}, as: "app", error: "unauthorized_client" },
  { name: "no subject token", fields: { subject_token: undefined }, error: "invalid_request" },
  { name: "no type of it", fields: { subject_token_type: undefined }, error: "invalid_request" },
  { name: "a type that nobody knows", fields: { subject_token_type: "secret" }, error: "invalid_request" },
  {
    name: "an id token",
    fields: { subject_token_type: "urn:ietf:params:oauth:token-type:id_token" },
    error: "invalid_request",
  },
  {
    name: "a SAML assertion",
    fields: { subject_token_type: "urn:ietf:params:oauth:token-type:saml2" },
    error: "invalid_request",
  },
  { name: "an actor token", fields: { actor_token: "secret" }, error: "invalid_request" },
  { name: "an actor token's type", fields: { actor_token_type: tokenTypes.jwt }, error: "invalid_request" },
  { name: "what is no token", fields: { subject_token: "secret" }, error: "invalid_request" },
  { name: "a token of nobody", fields: { subject_token: theirToken({ iss: "secret" }) }, error: "invalid_request" },
  {
    name: "a forged token",
    fields: { subject_token: `${theirToken().slice(0, -20)}${"A".repeat(20)}` },
    error: "invalid_request",
  },
  { name: "an expired token", fields: { subject_token: theirToken({ exp: now() - 600 }) }, error: "invalid_request" },
  {
    name: "one that only the skew keeps",
    fields: { subject_token: theirToken({ exp: now() - 5 }) },
    error: "invalid_request",
  },
  {
    name: "a token for another audience",
    fields: { subject_token: theirToken({ aud: "secret" }) },
    error: "invalid_request",
  },
  {
    name: "an opaque token of nobody",
    fields: { subject_token: "secret", subject_token_type: tokenTypes.accessToken },
    error: "invalid_request",
  },
  {
    name: "an opaque token that was never given",
    fields: { subject_token: `tdo_${"0".repeat(49)}`, subject_token_type: tokenTypes.accessToken },
    error: "invalid_request",
  },
  {
    name: "an API key that nobody has",
    fields: { subject_token: "secret", subject_token_type: tokenTypes.apiKey },
    error: "invalid_request",
  },
  {
    name: "a token that is bound to a certificate",
    fields: { subject_token: theirToken({ cnf: { "x5t#S256": certificate } }) },
    error: "invalid_request",
  },
  {
    name: "a token that is bound to a key",
    fields: { subject_token: theirToken({ cnf: { jkt: certificate } }) },
    error: "invalid_request",
  },
  {
    name: "a token that is for another actor",
    fields: { subject_token: theirToken({ may_act: { sub: "secret" } }) },
    error: "invalid_request",
  },
  {
    name: "a token for an actor of another issuer",
    fields: { subject_token: theirToken({ may_act: { sub: "web", iss: "https://theirs.test" } }) },
    error: "invalid_request",
  },
  {
    name: "a token for an unreadable actor",
    fields: { subject_token: theirToken({ may_act: "web" }) },
    error: "invalid_request",
  },
  {
    name: "an unreadable chain of actors",
    fields: { subject_token: theirToken({ act: "secret" }) },
    error: "invalid_request",
  },
  {
    name: "an endless chain of actors",
    fields: { subject_token: theirToken({ act: deep }) },
    error: "invalid_request",
  },
  {
    name: "a subject who is called like a client",
    fields: { subject_token: theirToken({ sub: "bare" }) },
    error: "invalid_request",
  },
  { name: "what is no scope", fields: { scope: "orders:read  secret" }, error: "invalid_scope" },
  { name: "a scope that the client may not have", fields: { scope: "other" }, error: "invalid_scope" },
  { name: "a scope that the subject does not have", fields: { scope: "orders:write" }, error: "invalid_scope" },
  { name: "another audience", fields: { audience: "secret" }, error: "invalid_target" },
  { name: "another resource", fields: { audience: "demo", resource: "https://secret.test/" }, error: "invalid_target" },
  { name: "another type of token", fields: { requested_token_type: "secret" }, error: "invalid_request" },
  {
    name: "a refresh token alone",
    fields: { requested_token_type: "urn:ietf:params:oauth:token-type:refresh_token" },
    error: "invalid_request",
  },
];
for (const { name, fields, error, as } of refused)
  test(`${name}: ${error}`, async (t) => {
    const { exchange } = await exchangeWorld(t);
    const { status, json, headers } = await exchange(fields, as);
    assert.deepEqual([status, json.error, headers["cache-control"]], [400, error, "no-store"]);
    assert.doesNotMatch(JSON.stringify(json), /secret/);
  });

/** Refuses what a test says, and notes what it was asked. */
function conditional() {
  const world = { refusal: undefined as GatewayError | undefined, seen: [] as Parameters<Condition>[] };
  const revocations: Revocations = {
    revoke: async () => {},
    condition: (...given) => {
      world.seen.push(given);
      if (world.refusal && given[0].principal.issuer === "https://theirs.test") throw world.refusal;
    },
  };
  return { world, revocations };
}

test("what was taken back is not exchanged", async (t) => {
  const { world, revocations } = conditional();
  const { exchange } = await exchangeWorld(t, { revocations });
  world.refusal = new GatewayError("token.expired");
  const { status, json } = await exchange();
  assert.deepEqual([status, json], [400, { error: "invalid_request", error_description: "The token has expired" }]);
  world.refusal = new GatewayError("identity.unavailable");
  assert.equal((await exchange()).status, 503);
});

test("a token that was exchanged is renewed until the subject's ends, and while nothing of it is taken back", async (t) => {
  const { world, revocations } = conditional();
  const { exchange, ask } = await exchangeWorld(t, { revocations });
  const refresh = (token: string) => ask({ grant_type: "refresh_token", refresh_token: token }, "keeper");
  const exp = now() + 300;
  const { json: first } = await exchange({ subject_token: theirToken({ exp, jti: "their-id" }) }, "keeper");
  const { json: second } = await refresh(first.refresh_token);
  const [before, after] = [decodeJwt(first.access_token), decodeJwt(second.access_token)];
  for (const claim of ["sub", "act", "tenant", "scope", "roles", "sid", "aud", "exp"])
    assert.deepEqual(after[claim], before[claim], claim);
  assert.equal(after.exp, exp);
  const [{ marks }] = world.seen.at(-1)!;
  assert.deepEqual([marks.id, marks.keyId], ["their-id", "theirs"]);
  world.refusal = new GatewayError("token.expired");
  const { status, json } = await refresh(second.refresh_token);
  assert.deepEqual([status, json.error], [400, "invalid_grant"]);
});

test("an API key is asked for anew each time: nothing would tell a refresh token that it was revoked", async (t) => {
  const { exchange, secret } = await exchangeWorld(t);
  const { json } = await exchange({ subject_token: secret, subject_token_type: tokenTypes.apiKey }, "keeper");
  assert.equal(json.refresh_token, undefined);
});
