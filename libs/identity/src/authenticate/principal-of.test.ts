import assert from "node:assert/strict";
import { test } from "node:test";
import type { Issuer } from "../issuers/issuer.ts";
import { principalOf } from "./principal-of.ts";
import { issuerWith, sourceOf } from "./testing.ts";

const now = 1_700_000_000;
const iss = "https://issuer.test";
const claims = { iss, aud: "api", sub: "me", iat: now, exp: now + 600 };
const judge = (more: object, issuer: Partial<Issuer> = {}) =>
  principalOf({ ...claims, ...more }, issuerWith({ issuer: iss, keys: sourceOf(), ...issuer }), now * 1000);

test("the claims become the principal", () => {
  const full = { client_id: "app", scope: "a  b ", roles: ["admin"], tenant: "acme" };
  assert.deepEqual(judge(full), {
    subject: "me",
    client: "app",
    scopes: ["a", "b"],
    roles: ["admin"],
    tenant: "acme",
    audiences: ["api"],
    method: "jwt",
    issuer: iss,
    expires: now + 600 + 60,
  });
});

const mapped: { name: string; given: object; expected: object }[] = [
  { name: "a bare token", given: {}, expected: { subject: "me", scopes: [], roles: [] } },
  { name: "azp for the client", given: { azp: "app" }, expected: { client: "app" } },
  { name: "client_id before azp", given: { azp: "app", client_id: "b" }, expected: { client: "b" } },
  { name: "scp as a list", given: { scp: ["a", "b"] }, expected: { scopes: ["a", "b"] } },
  { name: "scp as words", given: { scp: "a b" }, expected: { scopes: ["a", "b"] } },
  { name: "scope before scp", given: { scope: "a", scp: ["b"] }, expected: { scopes: ["a"] } },
  { name: "an empty scope", given: { scope: "" }, expected: { scopes: [] } },
  { name: "one of several audiences", given: { aud: ["x", "api"] }, expected: { audiences: ["x", "api"] } },
];
for (const { name, given, expected } of mapped)
  test(`${name} is understood`, () => assert.partialDeepStrictEqual(judge(given), expected));

test("a principal has the first sixteen audiences, and none that is very long", () => {
  const many = ["api", "l".repeat(257), ...Array.from({ length: 30 }, (_, n) => `a${n}`)];
  const { audiences } = judge({ aud: many });
  assert.deepEqual(audiences, ["api", ...many.slice(2, 17)]);
  assert.ok(Object.isFrozen(audiences));
});

test("a token without an audience makes a principal without one, where nobody asks for it", () => {
  for (const aud of [undefined, []]) {
    const { issuer, clockSkew } = issuerWith({ issuer: iss, keys: sourceOf() });
    const principal = principalOf({ ...claims, aud }, { issuer, clockSkew, audiences: undefined }, now * 1000);
    assert.equal("audiences" in principal, false);
  }
});

const elsewhere = {
  subject: ["preferred_username"],
  client: ["app", "id"],
  scopes: ["permissions"],
  roles: ["realm_access", "roles"],
  tenant: ["https://acme.test/tenant"],
};
const keycloak = {
  preferred_username: "ann",
  app: { id: "web" },
  permissions: ["a", "b"],
  realm_access: { roles: ["admin"] },
  "https://acme.test/tenant": "acme",
};

test("claims of an issuer's own become the principal, and the standard ones no longer count", () => {
  const given = { ...keycloak, client_id: "other", azp: "other", scope: "c", scp: ["d"], roles: ["e"], tenant: "f" };
  assert.partialDeepStrictEqual(judge(given, { claims: elsewhere }), {
    subject: "ann",
    client: "web",
    scopes: ["a", "b"],
    roles: ["admin"],
    tenant: "acme",
  });
});

test("what is not mapped stays as it is", () => {
  const given = { client_id: "app", scope: "a b", realm_access: { roles: ["admin"] } };
  const expected = { subject: "me", client: "app", scopes: ["a", "b"], roles: ["admin"] };
  assert.partialDeepStrictEqual(judge(given, { claims: { roles: ["realm_access", "roles"] } }), expected);
});

test("claims of an issuer's own may be missing, except the subject", () => {
  const { scopes, roles, client, tenant } = judge({ preferred_username: "ann" }, { claims: elsewhere });
  assert.deepEqual([scopes, roles, client, tenant], [[], [], undefined, undefined]);
  assert.throws(() => judge({}, { claims: elsewhere }), { code: "token.claims" });
});

for (const given of ["a b", ["a", "b"]])
  test(`scopes of an issuer's own may be ${JSON.stringify(given)}`, () =>
    assert.deepEqual(judge({ perms: given }, { claims: { scopes: ["perms"] } }).scopes, ["a", "b"]));

const misshapen: { name: string; given: object }[] = [
  { name: "a subject that is a number", given: { preferred_username: 7 } },
  { name: "a subject that is null", given: { preferred_username: null } },
  { name: "a client behind a text", given: { app: "web" } },
  { name: "a client behind a list", given: { app: [{ id: "web" }] } },
  { name: "scopes that are an object", given: { permissions: { a: true } } },
  { name: "a scope with a space in it", given: { permissions: ["a", "b admin"] } },
  { name: "roles behind null", given: { realm_access: null } },
  { name: "roles with a number among them", given: { realm_access: { roles: ["admin", 1] } } },
  { name: "a tenant that is a list", given: { "https://acme.test/tenant": ["acme"] } },
];
for (const { name, given } of misshapen)
  test(`${name} is refused where the issuer has claims of its own`, () =>
    assert.throws(() => judge({ ...keycloak, ...given }, { claims: elsewhere }), { code: "token.claims" }));

for (const path of [["constructor", "name"], ["__proto__"], ["toString"], ["hasOwnProperty", "name"]])
  test(`nobody is named by ${path.join(".")}, which every object has`, () => {
    assert.throws(() => judge({}, { claims: { subject: path } }), { code: "token.claims" });
    assert.deepEqual(judge({}, { claims: { roles: path } }).roles, []);
  });

const times: { name: string; given: object; issuer?: Partial<Issuer>; code?: string }[] = [
  { name: "expired within the skew", given: { exp: now - 59 } },
  { name: "expired by just the skew", given: { exp: now - 60 }, code: "token.expired" },
  { name: "expired, where no skew is given", given: { exp: now }, issuer: { clockSkew: 0 }, code: "token.expired" },
  { name: "not yet valid, within the skew", given: { nbf: now + 60 } },
  { name: "not yet valid", given: { nbf: now + 61 }, code: "token.not-yet-valid" },
  { name: "from the future, within the skew", given: { iat: now + 60 } },
  { name: "from the future", given: { iat: now + 61 }, code: "token.not-yet-valid" },
  { name: "a fraction of a second", given: { exp: now + 0.5 } },
  { name: "as long as allowed", given: {}, issuer: { maxLifetime: 600_000 } },
  { name: "longer than allowed", given: {}, issuer: { maxLifetime: 599_000 }, code: "token.claims" },
  { name: "of unknown length", given: { iat: undefined }, issuer: { maxLifetime: 600_000 }, code: "token.claims" },
  { name: "of unknown length, where that is no matter", given: { iat: undefined } },
];
for (const { name, given, issuer, code } of times)
  test(`a token that is ${name} is ${code ?? "good"}`, () => {
    if (code) assert.throws(() => judge(given, issuer), { code });
    else assert.ok(judge(given, issuer));
  });

const refused: { name: string; given: object; code: string }[] = [
  { name: "no exp", given: { exp: undefined }, code: "token.claims" },
  { name: "an exp that is a text", given: { exp: String(now + 600) }, code: "token.claims" },
  { name: "an exp that is null", given: { exp: null }, code: "token.claims" },
  { name: "an exp beyond all numbers", given: { exp: Infinity }, code: "token.claims" },
  { name: "an exp in milliseconds", given: { exp: (now + 600) * 1000 }, code: "token.claims" },
  { name: "an exp that never comes", given: { exp: 1e300 }, code: "token.claims" },
  { name: "an exp before all times", given: { exp: -1e300 }, code: "token.claims" },
  { name: "a negative exp", given: { exp: -1 }, code: "token.expired" },
  { name: "an iat in milliseconds", given: { iat: now * 1000 }, code: "token.claims" },
  { name: "a scp with two scopes in one", given: { scp: ["a b"] }, code: "token.claims" },
  { name: "an nbf that is a text", given: { nbf: "0" }, code: "token.claims" },
  { name: "an iat that is a list", given: { iat: [now] }, code: "token.claims" },
  { name: "no sub", given: { sub: undefined }, code: "token.claims" },
  { name: "an empty sub", given: { sub: "" }, code: "token.claims" },
  { name: "a sub that is a number", given: { sub: 1 }, code: "token.claims" },
  { name: "a sub with a line break", given: { sub: "me\r\nx-role: admin" }, code: "token.claims" },
  { name: "no aud", given: { aud: undefined }, code: "token.audience" },
  { name: "an empty list of audiences", given: { aud: [] }, code: "token.audience" },
  { name: "another audience", given: { aud: "api2" }, code: "token.audience" },
  { name: "an audience that only begins like ours", given: { aud: "ap" }, code: "token.audience" },
  { name: "an aud that is an object", given: { aud: { api: true } }, code: "token.claims" },
  { name: "an aud with a number in it", given: { aud: ["api", 1] }, code: "token.claims" },
  { name: "a scope that is a list", given: { scope: ["a"] }, code: "token.claims" },
  { name: "a scp that is an object", given: { scp: { 0: "a" } }, code: "token.claims" },
  { name: "roles that are an object", given: { roles: { admin: true } }, code: "token.claims" },
  { name: "roles with a number among them", given: { roles: ["admin", 1] }, code: "token.claims" },
  { name: "a client that is an object", given: { client_id: {} }, code: "token.claims" },
  { name: "a tenant that is a number", given: { tenant: 7 }, code: "token.claims" },
];
for (const { name, given, code } of refused)
  test(`${name}: ${code}`, () => assert.throws(() => judge(given), { code }));

test("nobody can alter a principal that many requests share", () => {
  const principal = judge({ scope: "a", roles: ["b"] });
  for (const part of [principal, principal.scopes, principal.roles]) assert.ok(Object.isFrozen(part));
});
