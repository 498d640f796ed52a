import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test, type TestContext } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { createGateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { RequestRecord } from "@tandem/kernel/record";
import { request, serve } from "@tandem/kernel/testing";
import { systemClock } from "@tandem/platform/clock";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { fixedClock } from "@tandem/platform/testing";
import { SignJWT } from "jose";
import { createTestKey, signToken } from "../authenticate/testing.ts";
import { issuersSchema } from "../issuers/config.ts";
import { createMarkedSecret } from "../marked-secret.ts";
import { dropToken } from "../opaque/kept-token.ts";
import { RemoteTokens } from "../opaque/remote-tokens.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { issueToken, type TokenFacts } from "./access-token.ts";
import { tokenEndpoints } from "./stage.ts";
import { clientOf, openTestIssuer, protocols } from "./testing.ts";

const forms = ["jwt", "opaque"] as const;
const path = "/oauth/introspect";

/** The endpoints, with a client that may ask about every token, one that bears the audience's name, and others. */
async function world(t: TestContext, revocations?: Revocations) {
  const clients = [clientOf("warden", { introspects: "any" }), clientOf("demo", {}), clientOf("web", {})];
  const { issuer } = await openTestIssuer(t, { clients });
  const clock = fixedClock(Date.now());
  const store = new MemoryStore({ clock });
  const stages = [
    hygiene({ from: "strangers" }),
    tokenEndpoints({ issuer, store, clock, ...(revocations && { revocations }) }),
  ];
  const issue = async (tokens: (typeof forms)[number], more: Partial<TokenFacts> = {}): Promise<string> => {
    const client = { ...issuer.options.clients.find(({ id }) => id === "app")!, tokens };
    const facts = { client, subject: "me", scopes: ["a", "b"], roles: ["clerk"], tenant: "acme" };
    return (await issueToken({ ...facts, ...more }, { issuer, store, clock })).access_token;
  };
  const gateway = createGateway(stages);
  const ask = (token: string, as = "warden") =>
    request(t, gateway, {
      method: "POST",
      path,
      headers: {
        authorization: `Basic ${Buffer.from(`${as}:${as}-secret`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ token }).toString(),
    });
  return { issuer, clock, store, stages, issue, ask };
}

for (const { name, asking } of protocols)
  for (const form of forms)
    test(`over ${name} a server learns what a token (${form}) stands for`, async (t) => {
      const { stages, issue, clock } = await world(t);
      const confirmation = { certificate: "c".repeat(43) };
      const ask = await asking(t, stages);
      const asked = { token: await issue(form, { confirmation }), token_type_hint: "refresh_token" };
      const { status, headers, json } = await ask(path, asked, "warden");
      assert.equal(status, 200);
      assert.deepEqual([headers["cache-control"], headers["pragma"]], ["no-store", "no-cache"]);
      const iat = Math.floor(clock.now() / 1000);
      const { jti, ...rest } = json;
      assert.match(jti, /^[0-9a-f-]{36}$/);
      assert.deepEqual(rest, {
        active: true,
        token_type: "Bearer",
        iss: "https://gateway.test",
        sub: "me",
        client_id: "app",
        aud: "demo",
        iat,
        exp: iat + 600,
        scope: "a b",
        roles: ["clerk"],
        tenant: "acme",
        cnf: { "x5t#S256": "c".repeat(43) },
      });
    });

const askers = [
  { as: "warden", learns: true, because: "it may ask about every token" },
  { as: "app", learns: true, because: "the token was issued to it" },
  { as: "demo", learns: true, because: "the token is meant for it" },
  { as: "web", learns: false, because: "it has nothing to do with it" },
  { as: "bare", learns: false, because: "it has nothing to do with it" },
];
for (const form of forms)
  for (const { as, learns, because } of askers)
    test(`${as} ${learns ? "learns" : "does not learn"} of a token (${form}): ${because}`, async (t) => {
      const { issue, ask } = await world(t);
      const { status, json } = await ask(await issue(form), as);
      assert.deepEqual([status, json.active, json.sub], [200, learns, learns ? "me" : undefined]);
      if (!learns) assert.deepEqual(json, { active: false });
    });

type World = Awaited<ReturnType<typeof world>>;

const bad: { name: string; make: (world: World) => string | Promise<string> }[] = [
  { name: "no token at all", make: () => "hello" },
  { name: "something like a JWT", make: () => "a.b.c" },
  { name: "an opaque token that nobody made", make: () => createMarkedSecret("tdo") },
  { name: "a mistyped opaque token", make: async ({ issue }) => `${await issue("opaque")}x` },
  { name: "another secret of ours", make: () => createMarkedSecret("tdm") },
  { name: "a JWT with another signature", make: async ({ issue }) => (await issue("jwt")).replace(/.{4}$/, "AAAA") },
  {
    name: "a JWT that names our issuer and our key",
    make: ({ issuer }) => {
      const { kid } = issuer.keys.newest;
      const claims = { iss: issuer.options.issuer, sub: "me", aud: "demo", client_id: "app", exp: 9e9 };
      return signToken(createTestKey("RS256", kid), claims, { typ: "at+jwt" });
    },
  },
  {
    name: "what we signed, but not as an access token",
    make: ({ issuer }) => {
      const { kid, privateKey } = issuer.keys.newest;
      const claims = { iss: issuer.options.issuer, sub: "me", aud: "demo", client_id: "app", exp: 9e9 };
      return new SignJWT(claims).setProtectedHeader({ alg: "RS256", typ: "JWT", kid }).sign(privateKey);
    },
  },
  ...forms.map((form) => ({
    name: `a token (${form}) that has ended this second`,
    make: async ({ issue, clock }: World) => {
      const token = await issue(form, { expires: Math.floor(clock.now() / 1000) + 10 });
      clock.advance(10_000);
      return token;
    },
  })),
  {
    name: "an opaque token that was dropped",
    make: async ({ issue, store }) => {
      const token = await issue("opaque");
      await dropToken(hash("sha256", token, "base64url"), store);
      return token;
    },
  },
];
for (const { name, make } of bad)
  test(`${name} is not active, and no more is told`, async (t) => {
    const all = await world(t);
    const { status, json } = await all.ask(await make(all));
    assert.deepEqual([status, json], [200, { active: false }]);
  });

const revocationsThat = (condition: Revocations["condition"]): Revocations => ({
  condition,
  revoke: () => Promise.reject(new Error("nothing is revoked here")),
});

for (const form of forms) {
  test(`a token (${form}) that was revoked is not active`, async (t) => {
    const revoked = revocationsThat(({ principal, marks }, { text, digest }) => {
      assert.deepEqual([principal.subject, typeof marks.id, typeof marks.issuedAt], ["me", "string", "number"]);
      assert.equal(digest, hash("sha256", text, "base64url"));
      throw new GatewayError("token.binding");
    });
    const { issue, ask } = await world(t, revoked);
    assert.deepEqual((await ask(await issue(form))).json, { active: false });
  });

  test(`where nobody can tell whether a token (${form}) was revoked, that is the answer`, async (t) => {
    const blind = revocationsThat(() => Promise.reject(new GatewayError("identity.unavailable")));
    const { issue, ask } = await world(t, blind);
    const { status, json } = await ask(await issue(form));
    assert.deepEqual([status, json.type], [503, "urn:tandem:problem:identity.unavailable"]);
  });
}

test("without the store nobody can tell of an opaque token, and everybody of a JWT", async (t) => {
  const { issue, ask, store } = await world(t);
  const [opaque, jwt] = [await issue("opaque"), await issue("jwt")];
  await store.close();
  const { status, json, headers } = await ask(opaque);
  assert.deepEqual([status, json.type], [503, "urn:tandem:problem:identity.unavailable"]);
  assert.equal(headers["cache-control"], "no-store");
  assert.equal((await ask(jwt)).json.active, true);
});

const refused: { name: string; asked: object; status: number; error: string }[] = [
  { name: "nobody", asked: { authorization: undefined }, status: 401, error: "invalid_client" },
  { name: "a stranger", asked: { authorization: "Basic eDp5" }, status: 401, error: "invalid_client" },
  { name: "the bearer of a token", asked: { authorization: "Bearer x" }, status: 401, error: "invalid_client" },
];
for (const { name, asked, status, error } of refused)
  test(`${name} learns nothing`, async (t) => {
    const { stages, issue } = await world(t);
    const given = Object.entries({ "content-type": "application/x-www-form-urlencoded", ...asked });
    const headers = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Record<string, string>;
    const answer = await request(t, stages, { method: "POST", path, headers, body: `token=${await issue("jwt")}` });
    assert.deepEqual([answer.status, answer.json.error], [status, error]);
  });

test("a token is named in the body, and nowhere else", async (t) => {
  const { stages, issue, ask } = await world(t);
  assert.equal((await ask("")).json.error, "invalid_request");
  const headers = {
    authorization: `Basic ${Buffer.from("warden:warden-secret").toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  const inQuery = { method: "POST", path: `${path}?token=${await issue("jwt")}`, headers, body: "" };
  assert.equal((await request(t, stages, inQuery)).json.error, "invalid_request");
  const read = await request(t, stages, { path, headers });
  assert.deepEqual([read.status, read.headers["allow"]], [405, "POST"]);
});

test("guesses at secrets count, wherever they are made", async (t) => {
  const { stages, ask } = await world(t);
  const headers = {
    authorization: `Basic ${Buffer.from("warden:guess").toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  const paths = [path, "/oauth/token"];
  for (let count = 0; count < 10; count++)
    await request(t, stages, { method: "POST", path: paths[count % 2]!, headers, body: "token=x" });
  const { status, json } = await ask("x");
  assert.deepEqual([status, json.error], [429, "slow_down"]);
});

test("the record says who asked and what came of it, and holds no token", async (t) => {
  const { stages, issue } = await world(t);
  const records: RequestRecord[] = [];
  const gateway = createGateway(stages, { prelude: [], observers: [(record) => records.push(record)] });
  const token = await issue("opaque");
  for (const as of ["warden", "web"]) {
    const authorization = `Basic ${Buffer.from(`${as}:${as}-secret`).toString("base64")}`;
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    await request(t, gateway, { method: "POST", path, headers, body: `token=${token}` });
  }
  await new Promise(setImmediate);
  assert.deepEqual(
    records.map(({ principal, decision }) => [principal?.client, decision?.reason]),
    [
      ["warden", "active"],
      ["web", "active, but not for this client"],
    ],
  );
  assert.doesNotMatch(JSON.stringify(records), new RegExp(token.slice(4, 30)));
});

for (const form of forms)
  test(`another gateway that asks this one gets the same caller from a token (${form})`, async (t) => {
    const { stages, issue } = await world(t);
    const [issuer] = issuersSchema.parse([
      {
        name: "edge",
        type: "introspection",
        url: `http://127.0.0.1:${await serve(t, stages)}${path}`,
        clientId: "warden",
        clientSecret: "warden-secret",
        issuer: "https://gateway.test",
        audience: "demo",
      },
    ]);
    assert.ok(issuer?.type === "introspection");
    const remote = new RemoteTokens({ issuer, clock: systemClock, logger: silentLogger });
    const token = await issue(form);
    const { principal } = await remote.judge({ text: token, digest: hash("sha256", token, "base64url") });
    const { expires: _, ...who } = principal;
    assert.deepEqual(who, {
      subject: "me",
      client: "app",
      scopes: ["a", "b"],
      roles: ["clerk"],
      tenant: "acme",
      audiences: ["demo"],
      method: "opaque",
      issuer: "https://gateway.test",
    });
  });
