// Opaque tokens through both tiers: ours and somebody else's, until their ends, and that nobody ever shows one.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { startRedis, withoutRedis } from "@tandem/platform/store/testing";
import { until } from "@tandem/platform/testing";
import { ask, clientOf, issuer, ownIssuer, protocols, startBoth, type Line, type TestBed } from "./testing.ts";

const embedded = ownIssuer(
  clientOf("app", { scopes: ["orders:read"], tokens: "opaque" }),
  clientOf("warden", { introspects: "any" }),
  clientOf("other"),
);

const echo = (t: TestContext, more: object = {}) =>
  startBoth(
    t,
    (request, response) =>
      void response.setHeader("content-type", "application/json").end(JSON.stringify(request.rawHeaders)),
    { issuers: [embedded], ...more },
  );

const lineOf = (bed: TestBed, protocol: Line["protocol"] = "http/1.1"): Line => ({
  port: bed.security.port,
  protocol,
  tls: bed.tls(),
});

const post = (line: Line, path: string, { as, ...form }: { as: string; [name: string]: string }) => {
  const authorization = `Basic ${Buffer.from(`${as}:${as}-secret`).toString("base64")}`;
  const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
  return ask(line, { method: "POST", path, headers, body: new URLSearchParams(form).toString() });
};

const tokenFor = async (line: Line): Promise<string> =>
  (await post(line, "/oauth/token", { as: "app", grant_type: "client_credentials" })).json.access_token;

const orders = (line: Line, token: string) =>
  ask(line, { path: "/orders", headers: { authorization: `Bearer ${token}` } });

const codeOf = ({ status, json }: Awaited<ReturnType<typeof ask>>): unknown => [status, json.type?.split(":").at(-1)];

for (const protocol of protocols)
  test(`over ${protocol} a token opens what its scopes open, and the service never sees it`, async (t) => {
    const bed = await echo(t);
    const line = lineOf(bed, protocol);
    const token = await tokenFor(line);
    assert.match(token, /^tdo_[0-9A-Za-z]{49}$/);
    const { status, json } = await orders(line, token);
    assert.equal(status, 200);
    assert.ok(!JSON.stringify(json).includes(token));
    assert.deepEqual(codeOf(await orders(line, token.replace(/.$/, "-"))), [401, "token.malformed"]);
    const known = await post(line, "/oauth/introspect", { as: "warden", token });
    assert.deepEqual([known.json.active, known.json.sub, known.headers["cache-control"]], [true, "app", "no-store"]);
    assert.deepEqual((await post(line, "/oauth/introspect", { as: "other", token })).json, { active: false });
    const body = JSON.stringify({ kind: "id", id: known.json.jti, issuer });
    assert.equal((await bed.security.admin("/revocations", { method: "POST", body })).status, 201);
    assert.deepEqual(codeOf(await orders(line, token)), [401, "token.revoked"]);
    assert.deepEqual((await post(line, "/oauth/introspect", { as: "warden", token })).json, { active: false });
    const logged = (): string => JSON.stringify([...bed.security.lines, ...bed.routing.lines]);
    await until("all is logged", () => logged().split('"url.path":"/oauth/introspect"').length === 4);
    assert.doesNotMatch(logged(), /tdo_[0-9A-Za-z]{20}/);
  });

test("somebody else's server is asked, and what it says is believed", async (t) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const token = new URLSearchParams(await textOf(request)).get("token") ?? "";
      asked.push(token);
      if (token === "broken") response.writeHead(500).end();
      else response.end(JSON.stringify({ active: token.startsWith("good"), sub: "theirs", scope: "orders:read" }));
    };
    void answer();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => [server.closeAllConnections(), server.close()]);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const theirs = { name: "theirs", type: "introspection", url, clientId: "gateway", clientSecret: "secret" };
  const line = lineOf(await echo(t, { issuers: [embedded, theirs] }));
  const own = await tokenFor(line);
  for (const token of [own, "good-one", "good-one"]) assert.equal((await orders(line, token)).status, 200);
  assert.deepEqual(codeOf(await orders(line, "bad-one")), [401, "token.inactive"]);
  assert.deepEqual(codeOf(await orders(line, "broken")), [503, "identity.unavailable"]);
  assert.deepEqual(asked, ["good-one", "bad-one", "broken"]);
});

test("while Redis hangs, nobody can tell, in time; afterwards all is well", { skip: withoutRedis() }, async (t) => {
  const redis = await startRedis(t);
  const line = lineOf(await echo(t, { store: { type: "redis", url: redis.url } }));
  const [token, fresh] = [await tokenFor(line), await tokenFor(line)];
  assert.equal((await orders(line, token)).status, 200);
  redis.freeze();
  const start = performance.now();
  assert.deepEqual(codeOf(await orders(line, fresh)), [503, "identity.unavailable"]);
  // The store waits 150 ms; the rest is for a busy machine.
  assert.ok(performance.now() - start < 5_000);
  redis.thaw();
  await until("the token is known again", async () => (await orders(line, fresh)).status === 200);
});
