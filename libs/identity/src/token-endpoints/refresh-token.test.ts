import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import type { Store } from "@tandem/platform/store/store";
import { startRedis, withoutRedis } from "@tandem/platform/store/testing";
import { until } from "@tandem/platform/testing";
import { decodeJwt } from "jose";
import { openTwo, stores } from "../opaque/testing.ts";
import type { Condition } from "../authenticate/verified.ts";
import type { EmbeddedIssuer } from "../issuers/issuer.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { tokenEndpoints } from "./stage.ts";
import { clientOf, openTestIssuer, protocols, type Asking } from "./testing.ts";

const rights = { scopes: ["orders:read", "orders:write"], roles: ["clerk"], tenant: "acme" };
const clients = [
  clientOf("web", { ...rights, refresh: true }),
  clientOf("other", { ...rights, refresh: true }),
  clientOf("closed", { ...rights, refresh: true, tokens: "opaque" }),
];

interface World {
  readonly store?: Store;
  readonly issuer?: EmbeddedIssuer;
  readonly revocations?: Revocations;
}

const stagesOf = ({ issuer, store = new MemoryStore(), ...more }: World & { issuer: EmbeddedIssuer }) => [
  hygiene({ from: "strangers" }),
  tokenEndpoints({ issuer, store, ...more }),
];

/** Asks the token endpoint, over HTTP/1.1 unless it matters. */
async function open(t: TestContext, { issuer, ...more }: World = {}, protocol = protocols[0]!) {
  const ours = issuer ?? (await openTestIssuer(t, { clients })).issuer;
  const asking = await protocol.asking(t, stagesOf({ issuer: ours, ...more }));
  const grant = (fields: Parameters<Asking>[1], as?: string) => asking("/oauth/token", fields, as);
  const begin = async (as?: string) => (await grant({ grant_type: "client_credentials" }, as)).json;
  const refresh = (token: string, fields: object = {}, as?: string) =>
    grant({ grant_type: "refresh_token", refresh_token: token, ...fields }, as);
  return { grant, begin, refresh };
}

for (const protocol of protocols) {
  test(`over ${protocol.name} a token is refreshed, once, and an old one ends all`, async (t) => {
    const { begin, refresh } = await open(t, {}, protocol);
    const first = await begin();
    assert.match(first.refresh_token, /^tdr_/);
    const second = await refresh(first.refresh_token);
    assert.equal(second.status, 200);
    assert.equal(second.headers["cache-control"], "no-store");
    const { access_token: token, refresh_token: next, ...rest } = second.json;
    assert.deepEqual(rest, { token_type: "Bearer", expires_in: 600, scope: "orders:read orders:write" });
    const [before, after] = [decodeJwt(first.access_token), decodeJwt(token)];
    assert.notEqual(after.jti, before.jti);
    assert.match(String(after["sid"]), /^[0-9a-f-]{36}$/);
    for (const name of ["sub", "client_id", "sid", "tenant", "aud"]) assert.equal(after[name], before[name]);
    assert.deepEqual(after["roles"], ["clerk"]);
    for (const [old, saying] of [
      [first.refresh_token, /used before/],
      [next, /not good/],
    ]) {
      const { status, json } = await refresh(old);
      assert.deepEqual([status, json.error], [400, "invalid_grant"]);
      assert.match(json.error_description, saying);
    }
  });

  test(`over ${protocol.name} a narrower token leaves the next ones as wide as the first`, async (t) => {
    const { begin, refresh } = await open(t, {}, protocol);
    const narrow = await refresh((await begin()).refresh_token, { scope: "orders:read" });
    assert.equal(narrow.json.scope, "orders:read");
    assert.equal(decodeJwt(narrow.json.access_token)["scope"], "orders:read");
    assert.equal((await refresh(narrow.json.refresh_token)).json.scope, "orders:read orders:write");
  });
}

for (const { name, open: openStore, skip } of stores)
  test(
    `of twenty requests with one token one is granted, in two gateways on the ${name} store`,
    { skip },
    async (t) => {
      const { store, other } = await openStore(t);
      const { issuer } = await openTestIssuer(t, { clients });
      const gateways = await Promise.all(
        protocols.map((protocol, at) => open(t, { store: at === 0 ? store : other, issuer }, protocol)),
      );
      const { refresh_token: token } = await gateways[0]!.begin();
      const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => gateways[at % 2]!.refresh(token)));
      const [granted, ...more] = answers.filter(({ status }) => status === 200);
      assert.equal(more.length, 0);
      for (const { status, json } of answers)
        if (status !== 200) assert.deepEqual([status, json.error], [400, "invalid_grant"]);
      const { json } = await gateways[0]!.refresh(granted?.json.refresh_token);
      assert.equal(json.error, "invalid_grant", "and the family has ended, for all");
    },
  );

test("a first token that is narrow stays so, whatever the client may have otherwise", async (t) => {
  const { grant, refresh } = await open(t);
  const { json } = await grant({ grant_type: "client_credentials", scope: "orders:read" });
  const { status, json: wider } = await refresh(json.refresh_token, { scope: "orders:read orders:write" });
  assert.deepEqual([status, wider.error], [400, "invalid_scope"]);
  assert.equal((await refresh(json.refresh_token)).json.scope, "orders:read", "what was refused cost nothing");
});

test("what a client was registered for has a say in every token", async (t) => {
  const store = new MemoryStore();
  const before = await open(t, { store });
  const { refresh_token: token } = await before.begin();
  const less = clientOf("web", { scopes: ["orders:read", "more"], roles: ["boss"], tenant: "moved", refresh: true });
  const { issuer } = await openTestIssuer(t, { clients: [less] });
  const { json } = await (await open(t, { store, issuer })).refresh(token);
  const { scope, roles, tenant } = decodeJwt(json.access_token);
  assert.deepEqual({ scope, roles, tenant }, { scope: "orders:read", roles: undefined, tenant: "moved" });
});

test("a client that may not refresh any more cannot, and one that never could gets nothing to try with", async (t) => {
  const store = new MemoryStore();
  const { refresh_token: token } = await (await open(t, { store })).begin();
  const { issuer } = await openTestIssuer(t, { clients: [clientOf("web", rights)] });
  const later = await open(t, { store, issuer });
  const { status, json } = await later.refresh(token);
  assert.deepEqual([status, json.error], [400, "unauthorized_client"]);
  const plain = await later.begin();
  assert.deepEqual(Object.keys(plain).toSorted(), ["access_token", "expires_in", "scope", "token_type"]);
  assert.equal(decodeJwt(plain.access_token)["sid"], undefined);
});

test("an opaque token is refreshed as any other", async (t) => {
  const { begin, refresh } = await open(t);
  const { refresh_token: token } = await begin("closed");
  assert.match((await refresh(token, {}, "closed")).json.access_token, /^tdo_/);
});

const refused = [
  { name: "no token", fields: { refresh_token: undefined }, error: "invalid_request" },
  { name: "an empty token", fields: { refresh_token: "" }, error: "invalid_request" },
  { name: "a made-up token", fields: { refresh_token: "tdr_secret" }, error: "invalid_grant" },
  { name: "what is no scope", fields: { scope: "orders:read  secret" }, error: "invalid_scope" },
  { name: "a scope that was not granted", fields: { scope: "secret" }, error: "invalid_scope" },
  { name: "the token of another client", fields: {}, as: "other", error: "invalid_grant" },
];
for (const { name, fields, as, error } of refused)
  test(`${name} is ${error}, and costs nobody anything`, async (t) => {
    const { begin, refresh } = await open(t);
    const { refresh_token: token } = await begin();
    const { status, json, headers } = await refresh(token, fields, as);
    assert.deepEqual([status, json.error, headers["cache-control"]], [400, error, "no-store"]);
    assert.doesNotMatch(json.error_description, /secret|tdr_/);
    assert.equal((await refresh(token)).status, 200);
  });

test("a token is held to the conditions as what it is, and refused by them", async (t) => {
  const seen: Parameters<Condition>[] = [];
  let refusal: GatewayError | undefined;
  const condition: Condition = (...given) => {
    seen.push(given);
    if (refusal) throw refusal;
  };
  const { begin, refresh } = await open(t, { revocations: { condition, revoke: async () => {} } });
  const first = await begin();
  const { json } = await refresh(first.refresh_token);
  const [{ principal, marks }, { digest }] = seen[0]!;
  const { sid, iat } = decodeJwt(first.access_token);
  assert.deepEqual([principal.subject, principal.client, digest.length], ["web", "web", 43]);
  assert.deepEqual(marks, { session: sid, issuedAt: iat });
  refusal = new GatewayError("token.expired");
  const { status, json: answer } = await refresh(json.refresh_token);
  assert.deepEqual([status, answer], [400, { error: "invalid_grant", error_description: "The token has expired" }]);
  refusal = new GatewayError("identity.unavailable");
  assert.equal((await refresh(json.refresh_token)).status, 503);
  refusal = undefined;
  assert.equal((await refresh(json.refresh_token)).status, 200);
});

const faults = [
  { name: "is gone", fault: "kill", mend: "start" },
  { name: "hangs", fault: "freeze", mend: "thaw" },
] as const;
for (const { name, fault, mend } of faults)
  test(`while Redis ${name} the answer is 503 and when to come again, in time`, { skip: withoutRedis() }, async (t) => {
    const server = await startRedis(t);
    const { store } = await openTwo(t, server);
    const { begin, refresh, grant } = await open(t, { store });
    const { refresh_token: token } = await begin();
    await server[fault]();
    const began = performance.now();
    for (const answer of [await refresh(token), await grant({ grant_type: "client_credentials" })]) {
      assert.deepEqual([answer.status, answer.headers["retry-after"]], [503, "1"]);
      assert.equal(answer.headers["cache-control"], "no-store");
      assert.equal(answer.json.type, "urn:tandem:problem:identity.unavailable");
    }
    assert.ok(performance.now() - began < 5000);
    assert.equal((await grant({ grant_type: "client_credentials" }, "app")).status, 200, "without a refresh token");
    await server[mend]();
    if (fault === "kill") return;
    await until("the token is refreshed", async () => (await refresh(token)).status === 200);
  });
