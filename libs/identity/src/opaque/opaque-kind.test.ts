import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { exchangeOf, request } from "@tandem/kernel/testing";
import { systemClock } from "@tandem/platform/clock";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { fixedClock, keepingLogger } from "@tandem/platform/testing";
import { jwtKind } from "../authenticate/jwt-strategy.ts";
import { authenticate } from "../authenticate/stage.ts";
import { tokenError } from "../authenticate/token-error.ts";
import type { Condition } from "../authenticate/verified.ts";
import { issuersSchema } from "../issuers/config.ts";
import { createMarkedSecret } from "../marked-secret.ts";
import { issueToken, type TokenFacts } from "../token-endpoints/access-token.ts";
import { tokenEndpoints } from "../token-endpoints/stage.ts";
import { openTestIssuer, protocols } from "../token-endpoints/testing.ts";
import { opaqueKinds } from "./opaque-kind.ts";

const bearer = (token: string): { headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${token}` },
});

/** The first stages of the security tier, where an issuer of our own gives opaque tokens. */
async function tier(t: TestContext, conditions: Condition[] = []) {
  const { issuer, issuers } = await openTestIssuer(t);
  const [clock, logger] = [fixedClock(Date.now()), keepingLogger()];
  const store = new MemoryStore({ clock });
  const asked: string[] = [];
  const get = store.get.bind(store);
  store.get = (key) => (asked.push(key), get(key));
  const kinds = [jwtKind({ issuers, clock }), ...opaqueKinds([issuer.options], { store, clock, logger })];
  const stages = [
    hygiene({ from: "strangers" }),
    tokenEndpoints({ issuer, store, clock }),
    authenticate({ kinds, conditions, clock }),
  ];
  const client = issuer.options.clients.find(({ id }) => id === "sealed")!;
  const issue = async (more: Partial<TokenFacts> = {}): Promise<string> => {
    const facts = { client, subject: "me", scopes: [], roles: [], tenant: undefined };
    return (await issueToken({ ...facts, ...more }, { issuer, store, clock })).access_token;
  };
  return { stages, store, clock, asked, issue, logger };
}

for (const { name, asking } of protocols)
  test(`over ${name} a client with opaque tokens gets one, and it opens the gate`, async (t) => {
    const { stages } = await tier(t);
    const ask = await asking(t, stages);
    const granted = await ask("/oauth/token", { grant_type: "client_credentials" }, "sealed");
    const { access_token: token, ...rest } = granted.json;
    assert.deepEqual(rest, { token_type: "Bearer", expires_in: 600, scope: "orders:read" });
    assert.match(token, /^tdo_[0-9A-Za-z]{49}$/);
    const { json } = await request(t, stages, bearer(token));
    assert.deepEqual([json.principal.subject, json.principal.method], ["sealed", "opaque"]);
  });

test("a token is looked up once a minute, and not beyond its end", async (t) => {
  const { stages, issue, asked, clock } = await tier(t);
  const token = await issue({ expires: Math.floor(clock.now() / 1000) + 90 });
  const use = async (): Promise<number> => (await request(t, stages, bearer(token))).status;
  assert.deepEqual([await use(), await use(), asked.length], [200, 200, 1]);
  clock.advance(60_000);
  assert.deepEqual([await use(), await use(), asked.length], [200, 200, 2]);
  clock.advance(30_000);
  assert.deepEqual([await use(), asked.length], [401, 3]);
});

test("what is taken back is refused at once, also where it is remembered", async (t) => {
  const revoked: { id?: string | undefined } = {};
  const { stages, issue } = await tier(t, [
    ({ marks }) => {
      if (marks.id !== undefined && marks.id === revoked.id) throw tokenError("token.inactive");
    },
    ({ marks }) => void (revoked.id ??= marks.id),
  ]);
  const token = await issue();
  assert.equal((await request(t, stages, bearer(token))).status, 200);
  assert.equal((await request(t, stages, bearer(token))).json.type, "urn:tandem:problem:token.inactive");
  assert.equal((await request(t, stages, bearer(await issue()))).status, 200);
});

test("a bound token is no bearer's", async (t) => {
  const { stages, issue } = await tier(t);
  const token = await issue({ confirmation: { certificate: "c".repeat(43) } });
  assert.equal((await request(t, stages, bearer(token))).json.type, "urn:tandem:problem:token.binding");
});

test("no answer and no log line quotes a token", async (t) => {
  const { stages, issue, store, logger } = await tier(t);
  const token = await issue();
  await store.close();
  for (const text of [token, `${token}x`, createMarkedSecret("tdo")]) {
    const answer = await request(t, stages, bearer(text));
    assert.ok(answer.status === 503 || answer.status === 401);
    assert.doesNotMatch(JSON.stringify([answer, logger.lines]), new RegExp(text.slice(4, 30)));
  }
});

/** Somebody else's server, which notes what it is asked and takes everything. */
async function elsewhere(t: TestContext) {
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    incoming.setEncoding("utf8").on("data", (text: string) => asked.push(text));
    incoming.on("end", () => response.end('{"active":true,"sub":"theirs"}'));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => [server.closeAllConnections(), server.close()]);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [issuer] = issuersSchema.parse([
    { name: "corp", type: "introspection", url, clientId: "gateway", clientSecret: "secret" },
  ]);
  return { asked, issuer: issuer! };
}

const surroundings = { store: new MemoryStore(), clock: systemClock, logger: keepingLogger() };

test("what is marked as ours is shown to no other server, good or not", async (t) => {
  const [{ issuer }, other] = await Promise.all([openTestIssuer(t), elsewhere(t)]);
  const [kind] = opaqueKinds([issuer.options, other.issuer], surroundings);
  const stage = authenticate({ kinds: [kind!] });
  const use = async (token: string): Promise<string> => {
    const { exchange } = exchangeOf({ rawHeaders: ["authorization", `Bearer ${token}`] });
    await stage.run(exchange);
    return exchange.principal.subject;
  };
  await assert.rejects(use(createMarkedSecret("tdo")), { code: "token.inactive" });
  await assert.rejects(use("tdo_mistyped"), { code: "token.malformed" });
  assert.deepEqual(other.asked, []);
  assert.equal(await use("theirs"), "theirs");
  assert.equal(other.asked.length, 1);
});

for (const { what, text } of [
  { what: "a refresh token", text: createMarkedSecret("tdr") },
  { what: "an API key", text: createMarkedSecret("tdm") },
  { what: "an API key with a label", text: createMarkedSecret("tdm_shop") },
])
  test(`${what} that comes as a bearer token is shown to no other server`, async (t) => {
    const [{ issuer }, other] = await Promise.all([openTestIssuer(t), elsewhere(t)]);
    for (const issuers of [[issuer.options, other.issuer], [other.issuer]]) {
      const [kind] = opaqueKinds(issuers, surroundings);
      const { exchange } = exchangeOf({ rawHeaders: ["authorization", `Bearer ${text}`] });
      await assert.rejects(async () => authenticate({ kinds: [kind!] }).run(exchange), { code: "token.malformed" });
    }
    assert.deepEqual(other.asked, []);
  });

test("where we issue nothing, such tokens are another gateway's", async (t) => {
  const other = await elsewhere(t);
  const [kind] = opaqueKinds([other.issuer], surroundings);
  const { exchange } = exchangeOf({ rawHeaders: ["authorization", `Bearer ${createMarkedSecret("tdo")}`] });
  await authenticate({ kinds: [kind!] }).run(exchange);
  assert.equal(exchange.principal.subject, "theirs");
});

test("where only we issue tokens, a text that is none is malformed", async (t) => {
  const { stages } = await tier(t);
  const { status, json } = await request(t, stages, bearer("hello"));
  assert.deepEqual([status, json.type], [401, "urn:tandem:problem:token.malformed"]);
});

test("where nobody has opaque tokens there is no such kind", () => {
  const jwt = { name: "corp", type: "jwt", issuer: "https://a.test", audience: "a", keys: "jwks.json" };
  assert.deepEqual(opaqueKinds(issuersSchema.parse([jwt]), surroundings), []);
});
