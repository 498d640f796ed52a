import assert from "node:assert/strict";
import { test } from "node:test";
import { fixedClock } from "@tandem/platform/testing";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { decodeJwt } from "jose";
import { issueToken, type TokenFacts } from "./access-token.ts";
import { openTestIssuer } from "./testing.ts";

const clock = fixedClock(1_700_000_000_900);
const [certificate, key] = ["c".repeat(43), "k".repeat(43)];

async function issued(t: Parameters<typeof openTestIssuer>[0], more: Partial<TokenFacts> = {}) {
  const { issuer } = await openTestIssuer(t);
  const client = issuer.options.clients[0]!;
  const facts = { client, subject: "me", scopes: ["a", "b"], roles: ["clerk"], tenant: "acme", ...more };
  return issueToken(facts, { issuer, store: new MemoryStore({ clock }), clock });
}

test("a token speaks of its subject, and names the client that got it", async (t) => {
  const { access_token: token, ...rest } = await issued(t);
  assert.deepEqual(rest, { token_type: "Bearer", expires_in: 600, scope: "a b" });
  const { jti, ...claims } = decodeJwt(token);
  assert.match(jti ?? "", /^[0-9a-f-]{36}$/);
  assert.deepEqual(claims, {
    iss: "https://gateway.test",
    sub: "me",
    client_id: "app",
    aud: "demo",
    iat: 1_700_000_000,
    exp: 1_700_000_600,
    scope: "a b",
    roles: ["clerk"],
    tenant: "acme",
  });
});

test("what there is nothing to say of is left out", async (t) => {
  const { access_token: token, scope } = await issued(t, { scopes: [], roles: [], tenant: undefined });
  assert.equal(scope, "");
  assert.deepEqual(Object.keys(decodeJwt(token)).toSorted(), ["aud", "client_id", "exp", "iat", "iss", "jti", "sub"]);
});

const bindings = [
  { name: "a certificate", confirmation: { certificate }, cnf: { "x5t#S256": certificate }, type: "Bearer" },
  { name: "a key", confirmation: { key }, cnf: { jkt: key }, type: "DPoP" },
  { name: "both", confirmation: { certificate, key }, cnf: { "x5t#S256": certificate, jkt: key }, type: "DPoP" },
];
for (const { name, confirmation, cnf, type } of bindings)
  test(`a token can be bound to ${name}`, async (t) => {
    const { access_token: token, token_type: given } = await issued(t, { confirmation });
    assert.deepEqual([decodeJwt(token)["cnf"], given], [cnf, type]);
  });

test("a token can name its session, who acts, and fewer for whom it is", async (t) => {
  const actor = { sub: "app", act: { sub: "before" } };
  const { access_token: token } = await issued(t, { session: "s", actor, audience: ["one", "two"] });
  const { sid, act, aud } = decodeJwt(token);
  assert.deepEqual({ sid, act, aud }, { sid: "s", act: actor, aud: ["one", "two"] });
});

const ends = [
  { name: "sooner than others where it must", expires: 1_700_000_300.9, lives: 300 },
  { name: "no later than others where it may", expires: 1_700_009_000, lives: 600 },
];
for (const { name, expires, lives } of ends)
  test(`a token ends ${name}`, async (t) => {
    const { access_token: token, expires_in: answered } = await issued(t, { expires });
    assert.deepEqual([answered, decodeJwt(token).exp], [lives, 1_700_000_000 + lives]);
  });

test("what is not among the facts gets into no token, whatever it is called", async (t) => {
  const forged = { iss: "https://evil.test", sub: "admin", exp: 9e9, aud: "all", jti: "1", nbf: 1, claims: { x: 1 } };
  const { access_token: token } = await issued(t, forged as Partial<TokenFacts>);
  const { iss, sub, exp, aud, jti, ...rest } = decodeJwt(token);
  assert.deepEqual([iss, sub, exp, aud], ["https://gateway.test", "me", 1_700_000_600, "demo"]);
  assert.notEqual(jti, "1");
  assert.deepEqual(Object.keys(rest).toSorted(), ["client_id", "iat", "roles", "scope", "tenant"]);
});
