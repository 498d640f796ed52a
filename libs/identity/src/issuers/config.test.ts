import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Secret } from "@tandem/platform/config/secret";
import { issuersSchema } from "./config.ts";
import { readSecretHash } from "./secret-hash.ts";

const digest = createHash("sha256").update("demo-secret");
const hex = digest.copy().digest("hex");
const base64url = digest.copy().digest("base64url");
const client = { id: "demo-app", secretHash: `sha256:${hex}`, scopes: ["orders:read"] };
const embedded = {
  name: "local",
  type: "embedded",
  issuer: "https://localhost:8443",
  audience: "demo",
  keys: "keys/tokens",
  clients: [client],
};
const corp = {
  name: "corp",
  type: "jwt",
  issuer: "https://login.example.com",
  jwks: "https://login.example.com/jwks",
  audience: "orders-api",
};

test("an embedded issuer has ten minutes and needs nothing else", () => {
  const [issuer] = issuersSchema.parse([embedded]);
  assert.ok(issuer?.type === "embedded");
  assert.equal(issuer.lifetime, 600_000);
  assert.deepEqual(issuer.audience, ["demo"]);
  const [first] = issuer.clients;
  assert.ok(first?.secretHash?.[0] instanceof Secret);
  assert.deepEqual([first.roles, first.tenant], [[], undefined]);
});

test("another issuer has safe defaults", () => {
  const [issuer] = issuersSchema.parse([corp]);
  assert.ok(issuer?.type === "jwt");
  assert.deepEqual(issuer.algorithms, ["RS256", "PS256", "ES256", "EdDSA"]);
  assert.equal(issuer.clockSkew, 60_000);
  assert.equal(issuer.tokenType, "any");
  assert.equal(issuer.maxLifetime, undefined);
  assert.equal(issuer.staleFor, 86_400_000);
});

for (const issuer of ["https://login.example.com", "https://login.example.com/tenant/", "http://127.0.0.1:9"])
  test(`${issuer} can be asked where its keys are`, () =>
    assert.ok(issuersSchema.safeParse([{ ...corp, issuer, jwks: undefined }]).success));

test("claims of an issuer's own are ways to them", () => {
  const claims = { subject: "email", roles: "realm_access.roles", tenant: "https://acme.test/tenant" };
  const [issuer] = issuersSchema.parse([{ ...corp, claims }]);
  assert.ok(issuer?.type === "jwt");
  const { subject, client, roles, tenant } = issuer.claims;
  assert.deepEqual(
    [subject, client, roles, tenant],
    [["email"], undefined, ["realm_access", "roles"], ["https://acme.test/tenant"]],
  );
});

test("no issuers at all is a configuration", () => assert.deepEqual(issuersSchema.parse(undefined), []));

for (const jwks of ["http://localhost:9/jwks", "http://127.0.0.1:9/jwks", "http://[::1]:9/jwks"])
  test(`${jwks} stays on this machine`, () => assert.ok(issuersSchema.safeParse([{ ...corp, jwks }]).success));

const refused: { name: string; given: unknown[]; at: PropertyKey[]; saying: RegExp }[] = [
  { name: "an unknown type", given: [{ ...corp, type: "saml" }], at: [0, "type"], saying: /./ },
  { name: "an unknown key", given: [{ ...corp, audiences: "x" }], at: [0], saying: /audiences/ },
  { name: "no audience", given: [{ ...corp, audience: undefined }], at: [0, "audience"], saying: /./ },
  { name: "an empty list of audiences", given: [{ ...corp, audience: [] }], at: [0, "audience"], saying: /./ },
  { name: "an empty list of algorithms", given: [{ ...corp, algorithms: [] }], at: [0, "algorithms"], saying: /./ },
  { name: "the algorithm none", given: [{ ...corp, algorithms: ["none"] }], at: [0, "algorithms", 0], saying: /./ },
  {
    name: "an algorithm with a shared secret",
    given: [{ ...corp, algorithms: ["HS256"] }],
    at: [0, "algorithms", 0],
    saying: /./,
  },
  {
    name: "a way to a claim that leads nowhere",
    given: [{ ...corp, claims: { roles: "a..b" } }],
    at: [0, "claims", "roles"],
    saying: /a claim such as/,
  },
  {
    name: "a claim that we do not have",
    given: [{ ...corp, claims: { email: "email" } }],
    at: [0, "claims"],
    saying: /email/,
  },
  { name: "both jwks and keys", given: [{ ...corp, keys: "jwks.json" }], at: [0, "jwks"], saying: /either/ },
  {
    name: "stale keys for a month",
    given: [{ ...corp, staleFor: "30d" }],
    at: [0, "staleFor"],
    saying: /./,
  },
  ...["corp", "http://login.example.com", "https://a.test?x", "https://a.test/#x", "https://u:p@a.test"].map(
    (issuer) => ({
      name: `neither jwks nor keys, and ${issuer} cannot be asked for them,`,
      given: [{ ...corp, issuer, jwks: undefined }],
      at: [0, "issuer"],
      saying: /where its keys are/,
    }),
  ),
  {
    name: "keys over plain http",
    given: [{ ...corp, jwks: "http://login.example.com/jwks" }],
    at: [0, "jwks"],
    saying: /https/,
  },
  { name: "keys from a file URL", given: [{ ...corp, jwks: "file:///etc/jwks" }], at: [0, "jwks"], saying: /https/ },
  {
    name: "a host that only begins like this machine",
    given: [{ ...corp, jwks: "http://localhost.evil.test/" }],
    at: [0, "jwks"],
    saying: /https/,
  },
  { name: "a clock skew of an hour", given: [{ ...corp, clockSkew: "1h" }], at: [0, "clockSkew"], saying: /./ },
  { name: "two of one name", given: [corp, { ...corp, issuer: "https://b" }], at: [1, "name"], saying: /twice/ },
  { name: "two with one iss", given: [corp, { ...corp, name: "b" }], at: [1, "issuer"], saying: /twice/ },
  {
    name: "two embedded issuers",
    given: [embedded, { ...embedded, name: "b", issuer: "https://b.test" }],
    at: [1],
    saying: /only one/,
  },
  {
    name: "an embedded issuer with a path",
    given: [{ ...embedded, issuer: "https://a.test/b" }],
    at: [0, "issuer"],
    saying: /origin/,
  },
  {
    name: "an embedded issuer with a final slash",
    given: [{ ...embedded, issuer: "https://a.test/" }],
    at: [0, "issuer"],
    saying: /origin/,
  },
  {
    name: "an embedded issuer without TLS",
    given: [{ ...embedded, issuer: "http://a.test" }],
    at: [0, "issuer"],
    saying: /origin/,
  },
  {
    name: "two clients with one id",
    given: [{ ...embedded, clients: [client, client] }],
    at: [0, "clients", 1, "id"],
    saying: /twice/,
  },
  {
    name: "a client id with a colon",
    given: [{ ...embedded, clients: [{ ...client, id: "a:b" }] }],
    at: [0, "clients", 0, "id"],
    saying: /colons/,
  },
  {
    name: "a scope with a space",
    given: [{ ...embedded, clients: [{ ...client, scopes: ["a b"] }] }],
    at: [0, "clients", 0, "scopes", 0],
    saying: /visible/,
  },
];

for (const { name, given, at, saying } of refused) {
  test(`${name} is refused, and where`, () => {
    const { error } = issuersSchema.safeParse(given);
    assert.deepEqual(error?.issues[0]?.path, at);
    assert.match(JSON.stringify(error.issues[0]), saying);
  });
}

test("a secret in place of its hash is refused and not shown", () => {
  const { error } = issuersSchema.safeParse([{ ...embedded, clients: [{ ...client, secretHash: "hunter2" }] }]);
  assert.deepEqual(error?.issues[0]?.path, [0, "clients", 0, "secretHash"]);
  assert.doesNotMatch(JSON.stringify(error.issues), /hunter2/);
});

const asking = (clientAuthentication: object) => [{ ...embedded, clientAuthentication }];

test("whoever is asked about clients gives nobody anything, unless it is said what", () => {
  const [issuer] = issuersSchema.parse(asking({ url: "https://auth.test/check" }));
  assert.ok(issuer?.type === "embedded");
  const { scopes, roles, tenants, timeout, cacheFor, send, refresh } = issuer.clientAuthentication ?? {};
  assert.deepEqual([scopes, roles, tenants, refresh], [[], [], [], false]);
  assert.deepEqual([timeout, cacheFor, send], [2000, 10_000, "json"]);
});

const unasked: { name: string; given: object; at: string; saying: RegExp }[] = [
  { name: "in clear text", given: { url: "http://auth.test/" }, at: "url", saying: /https/ },
  { name: "with credentials in the URL", given: { url: "https://a:b@auth.test/" }, at: "url", saying: /no password/ },
  { name: "for ever", given: { url: "https://auth.test/", timeout: "31s" }, at: "timeout", saying: /./ },
  { name: "about yesterday", given: { url: "https://auth.test/", cacheFor: "2m" }, at: "cacheFor", saying: /./ },
  {
    name: "for what is no scope",
    given: { url: "https://auth.test/", scopes: ["a b"] },
    at: "scopes",
    saying: /scope/,
  },
];
for (const { name, given, at, saying } of unasked)
  test(`nobody is asked about clients ${name}`, () => {
    const { error } = issuersSchema.safeParse(asking(given));
    const issue = error?.issues[0];
    assert.deepEqual(issue?.path.slice(0, 3), [0, "clientAuthentication", at]);
    assert.match(JSON.stringify(issue), saying);
  });

for (const text of [`sha256:${hex}`, `sha256:${base64url}`])
  test(`${text.slice(0, 16)}… is the hash of the secret`, () =>
    assert.deepEqual(readSecretHash(text), digest.copy().digest()));

for (const text of ["", "sha256:", hex, `md5:${hex}`, `sha256:${hex}0`, `sha256:${base64url}=`, `sha256:${hex}\n`])
  test(`${JSON.stringify(text.slice(0, 12))}… is no hash`, () => assert.throws(() => readSecretHash(text), TypeError));
