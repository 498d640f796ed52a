import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import type { UpstreamIdentity } from "@tandem/contracts/route";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { Stage } from "@tandem/kernel/stage";
import { request } from "@tandem/kernel/testing";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { directoryWith } from "@tandem/platform/testing";
import { createLocalJWKSet, jwtVerify } from "jose";
import { createKeyFile } from "../keys/create-key-file.ts";
import { openSigningKeys } from "../keys/signing-keys.ts";
import { ServiceTokens } from "./service-tokens.ts";
import { identityHeaders, upstreamIdentity } from "./stage.ts";

const caller: Principal = {
  subject: "zoë",
  client: "app",
  scopes: ["orders:read", "orders:write"],
  roles: [],
  tenant: "acme\r\nx-evil: 1",
  method: "jwt",
};
const headers: UpstreamIdentity = {
  kind: "headers",
  headers: { "x-account": "subject", "x-may": "scopes", "x-is": "roles", "x-of": "tenant" },
};
const routes = [{ identity: headers }];

/** What the next hop would get, as an object of lists. */
async function passed(
  t: TestContext,
  {
    identity,
    principal = caller,
    sent = {},
    tokens,
  }: {
    identity?: UpstreamIdentity;
    principal?: Principal;
    sent?: Record<string, string>;
    tokens?: ServiceTokens;
  },
) {
  const arrive: Stage = {
    name: "arrive",
    run(exchange) {
      exchange.principal = principal;
      exchange.route = { name: "r", service: "s", allow: { kind: "anyone" }, ...(identity && { identity }) };
    },
  };
  const strict = hygiene({ from: "security-tier", managed: identityHeaders(routes) });
  const { status, json } = await request(t, [strict, arrive, upstreamIdentity({ tokens })], { headers: sent });
  assert.equal(status, 200);
  const found: Record<string, string[]> = {};
  for (let index = 0; index < json.outgoing.length; index += 2)
    (found[json.outgoing[index]] ??= []).push(json.outgoing[index + 1]);
  return found;
}

const own = { authorization: "Bearer x", "x-api-key": "k", "x-account": "admin", "X-May": "all" };
const names = ["authorization", "x-api-key", "x-account", "x-may", "x-is", "x-of"];
const of = (found: Record<string, string[]>) =>
  Object.fromEntries(names.flatMap((name) => (found[name] ? [[name, found[name]]] : [])));

for (const identity of [undefined, { kind: "none" }] as const)
  test(`where the route says ${identity ? "none" : "nothing"}, the service learns nothing, and no client can speak for itself`, async (t) => {
    assert.deepEqual(of(await passed(t, { ...(identity && { identity }), sent: own })), {});
  });

test("headers say what the route names, encoded, and replace what the client said", async (t) => {
  assert.deepEqual(of(await passed(t, { identity: headers, sent: own })), {
    "x-account": ["zo%C3%AB"],
    "x-may": ["orders:read orders:write"],
    "x-of": ["acme%0D%0Ax-evil%3A%201"],
  });
});

for (const identity of [headers, { kind: "token", audience: "a" }] as const)
  test(`of an anonymous caller a route with ${identity.kind} says nothing, nor lets the client say it`, async (t) => {
    assert.deepEqual(of(await passed(t, { identity, principal: anonymous, sent: own })), {});
  });

test("a credential is passed on where the route says so, under the name it came by", async (t) => {
  const identity = { kind: "credential" } as const;
  const carried = { "tandem-credential": "authorization Bearer abc", "x-api-key": "other" };
  const found = await passed(t, { identity, sent: carried });
  assert.deepEqual(of(found), { authorization: ["Bearer abc"] });
  const key = await passed(t, { identity, sent: { "tandem-credential": "x-api-key tdm_x" } });
  assert.deepEqual(of(key), { "x-api-key": ["tdm_x"] });
  assert.deepEqual(of(await passed(t, { identity, sent: own })), {}, "none was carried");
  assert.deepEqual(of(await passed(t, { identity, sent: { "tandem-credential": "cookie a=b" } })), {});
});

async function openTokens(t: TestContext) {
  const directory = directoryWith(t, {});
  await createKeyFile(directory, { algorithm: "ES256", now: 1_000_000 });
  const keys = await openSigningKeys(directory, { algorithm: "ES256", logger: silentLogger });
  t.after(() => keys.close());
  const world = { now: Date.now() };
  let minted = 0;
  const tokens = new ServiceTokens({
    options: { issuer: "https://gateway.test", lifetime: 60_000 },
    keys,
    newId: () => `id-${++minted}`,
    clock: { now: () => world.now, monotonic: () => world.now },
  });
  return { tokens, keys, world, directory };
}

test("a token is for one service, verified by another library, and says who calls", async (t) => {
  const { tokens, keys } = await openTokens(t);
  const found = await passed(t, { identity: { kind: "token", audience: "orders" }, sent: own, tokens });
  assert.equal(found["x-api-key"], undefined);
  const [bearer = ""] = found["authorization"] ?? [];
  const jwks = createLocalJWKSet({
    keys: keys.all.map(({ publicJwk }) => ({ ...publicJwk, kty: publicJwk.kty ?? "" })),
  });
  const { payload } = await jwtVerify(bearer.replace(/^Bearer /, ""), jwks, {
    audience: "orders",
    issuer: "https://gateway.test",
    typ: "at+jwt",
    algorithms: ["ES256"],
  });
  assert.deepEqual(
    [payload.sub, payload["client_id"], payload["scope"], payload["roles"], payload["auth"]],
    ["zoë", "app", "orders:read orders:write", undefined, "jwt"],
  );
  assert.equal(payload.exp! - payload.iat!, 60);
});

test("a token is used for half of its life, for its own service alone, and never past a change of keys", async (t) => {
  const { tokens, world, keys, directory } = await openTokens(t);
  const first = tokens.tokenFor(caller, "orders");
  assert.notEqual(tokens.tokenFor(caller, "items"), first);
  assert.notEqual(tokens.tokenFor({ ...caller }, "orders"), first);
  assert.equal(tokens.tokenFor(caller, "orders"), first);
  world.now += 29_999;
  assert.equal(tokens.tokenFor(caller, "orders"), first);
  world.now += 1;
  const second = tokens.tokenFor(caller, "orders");
  assert.notEqual(second, first);
  await createKeyFile(directory, { algorithm: "ES256", now: 2_000_000 });
  await keys.renew();
  assert.notEqual(tokens.tokenFor(caller, "orders"), second);
});
