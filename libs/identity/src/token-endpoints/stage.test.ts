import assert from "node:assert/strict";
import { connect as connectHttp2, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createGateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { RequestRecord } from "@tandem/kernel/record";
import { exchangeOf, rawRequest, request } from "@tandem/kernel/testing";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { until } from "@tandem/platform/testing";
import { createRemoteJWKSet, customFetch, jwtVerify } from "jose";
import { systemClock } from "@tandem/platform/clock";
import { jwtKind } from "../authenticate/jwt-strategy.ts";
import { authenticate } from "../authenticate/stage.ts";
import { createKeyFile } from "../keys/create-key-file.ts";
import { tokenEndpoints } from "./stage.ts";
import { openTestIssuer } from "./testing.ts";

/** The first stages of the security tier, with the endpoints in their place. */
async function tier(t: TestContext) {
  const { issuer, issuers, directory } = await openTestIssuer(t);
  const store = new MemoryStore();
  const stages = [
    hygiene({ from: "strangers" }),
    tokenEndpoints({ issuer, store }),
    authenticate({ kinds: [jwtKind({ issuers, clock: systemClock })] }),
  ];
  return { stages, issuer, directory };
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
const form = { "content-type": "application/x-www-form-urlencoded", authorization: basic("app:app-secret") };
const ask = (body: string, headers: object = {}) => ({
  method: "POST",
  path: "/oauth/token",
  headers: { ...form, ...headers },
  body,
});

test("a client gets a token, and the token opens the gate", async (t) => {
  const { stages } = await tier(t);
  const granted = await request(t, stages, ask("grant_type=client_credentials&scope=orders:read"));
  assert.equal(granted.status, 200);
  assert.deepEqual(
    { ...granted.json, access_token: "" },
    { access_token: "", token_type: "Bearer", expires_in: 600, scope: "orders:read" },
  );
  assert.equal(granted.headers["cache-control"], "no-store");
  assert.equal(granted.headers["pragma"], "no-cache");
  const { json } = await request(t, stages, { headers: { authorization: `Bearer ${granted.json.access_token}` } });
  const { expires, ...principal } = json.principal;
  assert.deepEqual(principal, {
    subject: "app",
    client: "app",
    scopes: ["orders:read"],
    roles: ["clerk"],
    tenant: "acme",
    audiences: ["demo"],
    method: "jwt",
    issuer: "https://gateway.test",
  });
  assert.ok(expires > Date.now() / 1000 + 590);
});

test("the token is what RFC 9068 says, verified by another library over the published keys", async (t) => {
  const { stages } = await tier(t);
  const granted = await request(t, stages, ask("grant_type=client_credentials"));
  const keys = await request(t, stages, { path: "/.well-known/jwks.json" });
  assert.equal(keys.headers["content-type"], "application/jwk-set+json; charset=utf-8");
  const jwks = createRemoteJWKSet(new URL("https://gateway.test/.well-known/jwks.json"), {
    [customFetch]: async () => new Response(keys.text),
  });
  const { payload, protectedHeader } = await jwtVerify(granted.json.access_token, jwks, {
    issuer: "https://gateway.test",
    audience: "demo",
    typ: "at+jwt",
    requiredClaims: ["jti", "iat", "exp", "sub", "client_id"],
  });
  assert.deepEqual([payload.sub, payload["client_id"], payload["scope"]], ["app", "app", "orders:read orders:write"]);
  assert.equal(protectedHeader.alg, "RS256");
});

test("what is published holds no private number", async (t) => {
  const { stages } = await tier(t);
  const { json } = await request(t, stages, { path: "/.well-known/jwks.json" });
  assert.deepEqual(Object.keys(json.keys[0]).toSorted(), ["alg", "e", "kid", "kty", "n", "use"]);
});

test("the metadata is true", async (t) => {
  const { stages } = await tier(t);
  const { json } = await request(t, stages, { path: "/.well-known/oauth-authorization-server" });
  assert.equal(json.issuer, "https://gateway.test");
  for (const url of [json.token_endpoint, json.jwks_uri]) {
    const { status } = await request(t, stages, { path: new URL(url).pathname, headers: form });
    assert.ok(status === 200 || status === 405);
  }
  for (const grant of json.grant_types_supported)
    assert.equal((await request(t, stages, ask(`grant_type=${grant}`))).status, 200);
});

test("a key rotation refuses no token, and the old key leaves with its file", async (t) => {
  const { stages, issuer, directory } = await tier(t);
  const first = issuer.keys.newest.kid;
  const { json: old } = await request(t, stages, ask("grant_type=client_credentials"));
  const second = await createKeyFile(directory, { algorithm: "RS256", now: 2_000_000 });
  await issuer.keys.renew();
  const { json: young } = await request(t, stages, ask("grant_type=client_credentials"));
  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()).kid;
  assert.deepEqual([kidOf(old.access_token), kidOf(young.access_token)], [first, second]);
  const use = (token: string) => request(t, stages, { headers: { authorization: `Bearer ${token}` } });
  for (const { access_token: token } of [old, young]) assert.equal((await use(token)).status, 200);
  await rm(join(directory, "first.json"));
  await issuer.keys.renew();
  assert.equal((await use(old.access_token)).json.type, "urn:tandem:problem:token.key");
  assert.equal((await use(young.access_token)).status, 200);
});

test("no parameter brings a claim into the token", async (t) => {
  const { stages } = await tier(t);
  const extra = "sub=admin&iss=me&exp=9999999999&aud=all&roles=admin&tenant=b&jti=1&client_id=app&__proto__=x";
  const { json } = await request(t, stages, ask(`grant_type=client_credentials&scope=orders:read&${extra}`));
  const claims = JSON.parse(Buffer.from(json.access_token.split(".")[1], "base64url").toString());
  const { exp, iat, jti, ...rest } = claims;
  assert.deepEqual(rest, {
    iss: "https://gateway.test",
    sub: "app",
    client_id: "app",
    aud: "demo",
    scope: "orders:read",
    roles: ["clerk"],
    tenant: "acme",
  });
  assert.equal(exp - iat, 600);
  assert.notEqual(jti, "1");
});

const large = `grant_type=client_credentials&x=${"a".repeat(8192)}`;
const refused: { name: string; asked: object; status: number; error: string }[] = [
  { name: "no body", asked: ask(""), status: 400, error: "invalid_request" },
  { name: "no grant", asked: ask("scope=orders:read"), status: 400, error: "invalid_request" },
  { name: "an empty grant", asked: ask("grant_type="), status: 400, error: "invalid_request" },
  {
    name: "a grant that is not offered",
    asked: ask("grant_type=password"),
    status: 400,
    error: "unsupported_grant_type",
  },
  {
    name: "a grant named like a property",
    asked: ask("grant_type=__proto__"),
    status: 400,
    error: "unsupported_grant_type",
  },
  {
    name: "a parameter twice",
    asked: ask("grant_type=client_credentials&grant_type=client_credentials"),
    status: 400,
    error: "invalid_request",
  },
  {
    name: "a scope beyond the client's",
    asked: ask("grant_type=client_credentials&scope=orders:read admin"),
    status: 400,
    error: "invalid_scope",
  },
  {
    name: "JSON",
    asked: ask('{"grant_type":"client_credentials"}', { "content-type": "application/json" }),
    status: 400,
    error: "invalid_request",
  },
  {
    name: "no content type",
    asked: { ...ask("grant_type=client_credentials"), headers: { authorization: form.authorization } },
    status: 400,
    error: "invalid_request",
  },
  { name: "a compressed body", asked: ask("x", { "content-encoding": "gzip" }), status: 400, error: "invalid_request" },
  { name: "a body too large", asked: ask(large), status: 413, error: "invalid_request" },
  {
    name: "a body too large, without a length",
    asked: ask(large, { "transfer-encoding": "chunked" }),
    status: 413,
    error: "invalid_request",
  },
  {
    name: "a wrong secret",
    asked: ask("grant_type=client_credentials", { authorization: basic("app:wrong") }),
    status: 401,
    error: "invalid_client",
  },
  {
    name: "an unknown client",
    asked: ask("grant_type=client_credentials", { authorization: basic("nobody:app-secret") }),
    status: 401,
    error: "invalid_client",
  },
  {
    name: "a token in place of a secret",
    asked: ask("grant_type=client_credentials", { authorization: "Bearer x" }),
    status: 401,
    error: "invalid_client",
  },
  {
    name: "two ways at once",
    asked: ask("grant_type=client_credentials&client_id=app&client_secret=app-secret"),
    status: 400,
    error: "invalid_request",
  },
];

for (const { name, asked, status, error } of refused) {
  test(`${name}: ${error}`, async (t) => {
    const { stages } = await tier(t);
    const answer = await request(t, stages, asked);
    assert.equal(answer.status, status);
    assert.equal(answer.json.error, error);
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.equal(answer.headers["www-authenticate"], status === 401 ? 'Basic realm="tandem"' : undefined);
    assert.doesNotMatch(answer.text, /secret|wrong|nobody|admin/);
  });
}

const methods = [
  { method: "GET", path: "/oauth/token", allow: "POST" },
  { method: "PUT", path: "/oauth/token", allow: "POST" },
  { method: "POST", path: "/.well-known/jwks.json", allow: "GET, HEAD" },
  { method: "DELETE", path: "/.well-known/oauth-authorization-server", allow: "GET, HEAD" },
];
for (const { method, path, allow } of methods) {
  test(`${method} ${path} is 405, and the answer says what is allowed`, async (t) => {
    const { status, headers } = await request(t, (await tier(t)).stages, { method, path, headers: form });
    assert.deepEqual([status, headers.allow], [405, allow]);
  });
}

test("a secret in the query is no secret", async (t) => {
  const { stages } = await tier(t);
  const path = "/oauth/token?client_id=app&client_secret=app-secret&grant_type=client_credentials";
  const headers = { "content-type": form["content-type"] };
  assert.equal((await request(t, stages, { method: "POST", path, headers })).status, 401);
});

for (const path of [
  "/oauth/token/",
  "/oauth/Token",
  "/oauth",
  "/oauth/token.json",
  "/.well-known/openid-configuration",
])
  test(`${path} passes by`, async (t) => {
    const { status, json } = await request(t, (await tier(t)).stages, { path });
    assert.deepEqual([status, json.path], [200, path]);
  });

test("the token endpoint under another spelling of its path is the token endpoint", async (t) => {
  const { stages } = await tier(t);
  assert.equal(
    (await request(t, stages, { ...ask("grant_type=client_credentials"), path: "/oauth/%74oken" })).status,
    200,
  );
});

test("the eleventh wrong secret in a minute is not looked at, nor is the right one then", async (t) => {
  const { stages } = await tier(t);
  const served = createGateway(stages);
  const guess = (secret: string) =>
    request(t, served, ask("grant_type=client_credentials", { authorization: basic(`app:${secret}`) }));
  for (let count = 0; count < 10; count++) assert.equal((await guess("wrong")).status, 401);
  for (const secret of ["wrong", "app-secret"]) {
    const { status, json, headers } = await guess(secret);
    assert.deepEqual([status, json.error], [429, "slow_down"]);
    assert.ok(Number(headers["retry-after"]) > 50);
  }
  const other = ask("grant_type=client_credentials", { authorization: basic("bare:bare-secret") });
  assert.equal((await request(t, served, other)).status, 200);
});

test("the record says who came, by what, and why not", async (t) => {
  const { stages } = await tier(t);
  const records: RequestRecord[] = [];
  const served = createGateway(stages, { prelude: [], observers: [(record) => records.push(record)] });
  await request(t, served, ask("grant_type=client_credentials"));
  await request(t, served, ask("grant_type=client_credentials", { authorization: basic("app:wrong") }));
  await new Promise(setImmediate);
  const [good, bad] = records;
  assert.equal(good?.principal?.client, "app");
  assert.deepEqual(good.decision, { effect: "allow", rule: "/oauth/token", reason: "client_credentials" });
  assert.equal(bad?.principal?.method, "none");
  assert.match(bad.decision?.reason ?? "", /^invalid_client/);
});

test("HTTP/2 gets the same answers", async (t) => {
  const { stages } = await tier(t);
  const gateway = createGateway(stages);
  const server = createServer((asked, response) => gateway.handle(asked, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => [client.destroy(), server.close()]);
  const stream = client.request({ ":method": "POST", ":path": "/oauth/token", ...form });
  stream.end("grant_type=client_credentials");
  let status = 0;
  stream.on("response", (head) => (status = head[":status"] ?? 0));
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  assert.equal(status, 200);
  assert.equal(JSON.parse(text).token_type, "Bearer");
});

test("a client that stops half-way leaves nothing behind", async (t) => {
  const { stages } = await tier(t);
  const gateway = createGateway(stages);
  const head = `POST /oauth/token HTTP/1.1\r\nHost: a.test\r\nContent-Type: ${form["content-type"]}\r\nContent-Length: 100\r\n\r\ngrant`;
  // It gives up while it waits for an answer.
  await rawRequest(t, gateway, head).catch(() => "");
  await until("nothing is under way", () => gateway.inFlight === 0);
});

test("a dry run plans the answer and gives none", async (t) => {
  const { stages } = await tier(t);
  const { exchange, sent } = exchangeOf({ method: "POST", path: "/oauth/token", transport: { kind: "dry" } });
  await stages[1]?.run(exchange);
  assert.equal(exchange.planned, "answer /oauth/token");
  assert.deepEqual(sent, []);
});
