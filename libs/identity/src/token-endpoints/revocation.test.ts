import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { createGateway } from "@tandem/kernel/gateway";
import type { RequestRecord } from "@tandem/kernel/record";
import { request } from "@tandem/kernel/testing";
import { systemClock } from "@tandem/platform/clock";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import type { Store } from "@tandem/platform/store/store";
import { startRedis, withoutRedis } from "@tandem/platform/store/testing";
import { until } from "@tandem/platform/testing";
import { createApiKeySecret } from "../api-keys/api-key-secret.ts";
import { jwtKind } from "../authenticate/jwt-strategy.ts";
import { authenticate } from "../authenticate/stage.ts";
import { createTestKey, signToken } from "../authenticate/testing.ts";
import type { EmbeddedIssuer, Issuers } from "../issuers/issuer.ts";
import { createMarkedSecret } from "../marked-secret.ts";
import { opaqueKinds } from "../opaque/opaque-kind.ts";
import { openTwo, stores } from "../opaque/testing.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { openOn } from "../revocation/testing.ts";
import { issueToken } from "./access-token.ts";
import { tokenEndpoints } from "./stage.ts";
import { clientOf, openTestIssuer, protocols } from "./testing.ts";

const rights = { scopes: ["orders:read"], refresh: true };
const clients = [
  clientOf("web", rights),
  clientOf("closed", { ...rights, tokens: "opaque" }),
  clientOf("other", rights),
];

type Opened = { readonly issuer: EmbeddedIssuer; readonly issuers: Issuers };

interface World extends Partial<Opened> {
  readonly store?: Store;
  readonly revocations?: Revocations | undefined;
}

/** One gateway: the endpoints, and who gets past them. */
async function gateway(t: TestContext, { store = new MemoryStore(), ...more }: World = {}, protocol = protocols[0]!) {
  const { issuer, issuers } = more.issuer && more.issuers ? (more as Opened) : await openTestIssuer(t, { clients });
  const revocations = "revocations" in more ? more.revocations : await openOn(t, store);
  const kinds = [
    jwtKind({ issuers, clock: systemClock }),
    ...opaqueKinds([issuer.options], { store, clock: systemClock, logger: silentLogger }),
  ];
  const stages = [
    hygiene({ from: "strangers" }),
    tokenEndpoints({ issuer, store, kinds, ...(revocations && { revocations }) }),
    authenticate({ kinds, conditions: revocations ? [revocations.condition] : [] }),
  ];
  const asking = await protocol.asking(t, stages);
  const give = async (as = "web") => (await asking("/oauth/token", { grant_type: "client_credentials" }, as)).json;
  const refresh = (token: string, as?: string) =>
    asking("/oauth/token", { grant_type: "refresh_token", refresh_token: token }, as);
  const revoke = (token: string | undefined, as?: string, more_: object = {}) =>
    asking("/oauth/revoke", { token, ...more_ }, as);
  const statusOf = async (token: string) =>
    (await request(t, stages, { headers: { authorization: `Bearer ${token}` } })).status;
  return { issuer, issuers, store, stages, give, refresh, revoke, statusOf };
}

for (const protocol of protocols)
  for (const as of ["web", "closed"])
    test(`over ${protocol.name} an access token of ${as} is revoked, alone, and twice is as well`, async (t) => {
      const { give, revoke, refresh, statusOf } = await gateway(t, {}, protocol);
      const [first, second] = [await give(as), await give(as)];
      assert.equal(await statusOf(first.access_token), 200);
      for (let turn = 0; turn < 2; turn++) {
        const { status, json, headers } = await revoke(first.access_token, as);
        assert.deepEqual([status, json, headers["cache-control"]], [200, {}, "no-store"]);
      }
      assert.equal(await statusOf(first.access_token), 401);
      assert.equal(await statusOf(second.access_token), 200);
      assert.equal((await refresh(first.refresh_token, as)).status, 200);
    });

for (const { name, open, skip } of stores)
  test(
    `a refresh token takes all of its session with it, in every gateway on the ${name} store`,
    { skip },
    async (t) => {
      const { store, other } = await open(t);
      const here = await gateway(t, { store });
      const there = await gateway(t, { store: other, issuer: here.issuer, issuers: here.issuers });
      for (const as of ["web", "closed"]) {
        const first = await here.give(as);
        const { json: second } = await there.refresh(first.refresh_token, as);
        const bystander = await here.give(as);
        for (const { access_token: token } of [first, second, bystander])
          for (const each of [here, there]) assert.equal(await each.statusOf(token), 200);
        // An old one will do: whoever has it says that all is over.
        assert.equal((await there.revoke(first.refresh_token, as)).status, 200);
        for (const { access_token: token } of [first, second])
          for (const each of [here, there])
            await until("the token is refused", async () => (await each.statusOf(token)) === 401);
        assert.equal((await here.refresh(second.refresh_token, as)).json.error, "invalid_grant");
        assert.equal(await here.statusOf(bystander.access_token), 200);
        assert.equal((await here.revoke(second.refresh_token, as)).status, 200, "once more is as well");
      }
    },
  );

test("clients that take back all that they are given leave room for what others take back", async (t) => {
  const store = new MemoryStore();
  const revocations = await openOn(t, store, { maxEntries: 10 });
  const { give, revoke, refresh, statusOf } = await gateway(t, { store, revocations });
  const [kept, stolen] = [await give("other"), await give("other")];
  const { json: later } = await refresh(stolen.refresh_token, "other");
  const given = [];
  for (let turn = 0; turn < 8; turn++) given.push(await give());
  const statuses = [];
  for (const { access_token: token } of given) statuses.push((await revoke(token)).status);
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 503, 503, 503]);
  assert.equal((await refresh(stolen.refresh_token, "other")).status, 503, "it was used before");
  assert.equal((await refresh(later.refresh_token, "other")).json.error, "invalid_grant", "its session has ended");
  assert.equal(await statusOf(kept.access_token), 200);
  await revocations.revoke({ kind: "client", client: "other", before: Date.now() / 1000 }, Date.now() + 60_000);
  assert.equal(await statusOf(kept.access_token), 401);
});

test("an old refresh token that comes again ends the access tokens too", async (t) => {
  const { give, refresh, statusOf } = await gateway(t);
  const first = await give();
  const { json: second } = await refresh(first.refresh_token);
  assert.equal((await refresh(first.refresh_token)).json.error, "invalid_grant");
  for (const { access_token: token } of [first, second]) assert.equal(await statusOf(token), 401);
});

test("a hint may be wrong, or of a kind that nobody knows", async (t) => {
  const { give, revoke, statusOf } = await gateway(t);
  for (const hint of ["refresh_token", "access_token", "secret"]) {
    const { access_token: token } = await give();
    assert.equal((await revoke(token, "web", { token_type_hint: hint })).status, 200);
    assert.equal(await statusOf(token), 401);
  }
});

const stranger = createTestKey("EdDSA", "x");
const noToken = [
  { name: "any text", token: "secret" },
  { name: "dots", token: "a.b.c" },
  { name: "a refresh token that nobody made", token: createMarkedSecret("tdr") },
  { name: "a mistyped one", token: "tdr_secret" },
  { name: "an opaque token that nobody made", token: createMarkedSecret("tdo") },
  { name: "a token of another issuer", token: signToken(stranger, { iss: "https://theirs.test", sub: "me" }) },
  { name: "a token that another signed in our name", token: signToken(stranger, { iss: "https://gateway.test" }) },
];
for (const { name, token } of noToken)
  test(`${name} needs no revoking`, async (t) => {
    const { status, json } = await (await gateway(t)).revoke(token);
    assert.deepEqual([status, json], [200, {}]);
  });

test("a token that has ended needs no revoking", async (t) => {
  const { issuer, store, revoke } = await gateway(t);
  const client = issuer.options.clients.find(({ id }) => id === "web")!;
  const facts = { client, subject: "web", scopes: [], roles: [], tenant: undefined };
  const clock = { ...systemClock, now: () => Date.now() - 3_600_000 };
  const { access_token: token } = await issueToken(facts, { issuer, store, clock });
  assert.equal((await revoke(token)).status, 200);
});

for (const as of ["web", "closed"])
  for (const which of ["access_token", "refresh_token"])
    test(`the ${which} of ${as} is not for another client to revoke`, async (t) => {
      const { give, revoke, refresh, statusOf } = await gateway(t);
      const given = await give(as);
      const { status, json } = await revoke(given[which], "other");
      assert.deepEqual([status, json.error], [400, "invalid_grant"]);
      assert.equal(await statusOf(given.access_token), 200);
      assert.equal((await refresh(given.refresh_token, as)).status, 200);
    });

test("what cannot be revoked here is said to be so", async (t) => {
  const { give, revoke, refresh } = await gateway(t, { revocations: undefined });
  const given = await give();
  for (const token of [given.access_token, createApiKeySecret(), createApiKeySecret("demo")]) {
    const { status, json } = await revoke(token);
    assert.deepEqual([status, json.error], [400, "unsupported_token_type"]);
    assert.ok(!json.error_description.includes(token));
  }
  assert.equal((await revoke(given.refresh_token)).status, 200);
  assert.equal((await refresh(given.refresh_token)).status, 400);
});

test("without a memory of what was revoked an opaque token is dropped all the same", async (t) => {
  const { give, revoke, statusOf } = await gateway(t, { revocations: undefined });
  const { access_token: token } = await give("closed");
  assert.equal((await revoke(token, "closed")).status, 200);
  assert.equal(await statusOf(token), 401);
});

const type = "application/x-www-form-urlencoded";
const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
const refused = [
  { name: "no token", body: "", authorization: basic("web:web-secret"), status: 400, error: "invalid_request" },
  {
    name: "two tokens",
    body: "token=a&token=a",
    authorization: basic("web:web-secret"),
    status: 400,
    error: "invalid_request",
  },
  { name: "nobody", body: "token=a", authorization: undefined, status: 401, error: "invalid_client" },
  { name: "a wrong secret", body: "token=a", authorization: basic("web:secret"), status: 401, error: "invalid_client" },
];
for (const { name, body, authorization, status, error } of refused)
  test(`${name}: ${error}`, async (t) => {
    const { stages } = await gateway(t);
    const headers = { "content-type": type, ...(authorization !== undefined && { authorization }) };
    const answer = await request(t, stages, { method: "POST", path: "/oauth/revoke", headers, body });
    assert.deepEqual([answer.status, answer.json.error, answer.headers["cache-control"]], [status, error, "no-store"]);
  });

test("another method is 405", async (t) => {
  const { status, headers } = await request(t, (await gateway(t)).stages, { path: "/oauth/revoke" });
  assert.deepEqual([status, headers["allow"]], [405, "POST"]);
});

test("guesses are counted together with those at the other endpoints", async (t) => {
  const served = createGateway((await gateway(t)).stages);
  const guess = (path: string) => {
    const headers = { "content-type": type, authorization: basic("web:wrong") };
    return request(t, served, { method: "POST", path, headers, body: "token=a" });
  };
  for (let count = 0; count < 10; count++)
    assert.equal((await guess(count % 2 ? "/oauth/token" : "/oauth/revoke")).status, 401);
  const { status, json, headers } = await guess("/oauth/revoke");
  assert.deepEqual([status, json.error], [429, "slow_down"]);
  assert.ok(Number(headers["retry-after"]) > 50);
});

test("the record says what became of a token, and nothing of the token", async (t) => {
  const { stages, give } = await gateway(t);
  const records: RequestRecord[] = [];
  const served = createGateway(stages, { prelude: [], observers: [(record) => records.push(record)] });
  const { access_token: access, refresh_token: refresh } = await give();
  for (const token of [access, refresh, refresh]) {
    const headers = { "content-type": type, authorization: basic("web:web-secret") };
    await request(t, served, { method: "POST", path: "/oauth/revoke", headers, body: `token=${token}` });
  }
  await until("all are recorded", () => records.length === 3);
  assert.deepEqual(
    records.map(({ decision, principal }) => [decision?.effect, decision?.reason, principal?.client]),
    ["token revoked", "session ended", "not a good token"].map((reason) => ["allow", reason, "web"]),
  );
});

for (const [fault, mend] of [
  ["kill", "start"],
  ["freeze", "thaw"],
] as const)
  test(`while Redis does not answer (${fault}) nothing is said to be revoked`, { skip: withoutRedis() }, async (t) => {
    const server = await startRedis(t);
    const { store } = await openTwo(t, server);
    const { give, revoke, refresh } = await gateway(t, { store });
    const [jwt, opaque] = [await give(), await give("closed")];
    await server[fault]();
    for (const [token, as] of [
      [jwt.refresh_token, "web"],
      [jwt.access_token, "web"],
      [opaque.access_token, "closed"],
    ]) {
      const { status, headers } = await revoke(token, as);
      assert.deepEqual([status, headers["retry-after"], headers["cache-control"]], [503, "1", "no-store"]);
    }
    await server[mend]();
    if (fault === "kill") return;
    await until("the session is ended", async () => (await revoke(jwt.refresh_token)).status === 200);
    assert.equal((await refresh(jwt.refresh_token)).json.error, "invalid_grant");
  });
