// API keys through both tiers: what they open, what ends them and how soon, and that nobody ever shows one.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { startRedis, withoutRedis } from "@tandem/platform/store/testing";
import { directoryWith, until } from "@tandem/platform/testing";
import { securityProcess } from "../security-process.ts";
import { startTier, type RunningTier } from "../testing.ts";
import { ask, protocols, startBoth, type TestBed } from "./testing.ts";

const echo = (t: TestContext, more: Readonly<Record<string, unknown>>) =>
  startBoth(
    t,
    (request, response) =>
      void response.setHeader("content-type", "application/json").end(JSON.stringify(request.rawHeaders)),
    more,
  );

/** Makes a key over the admin plane. */
async function make(tier: RunningTier, more: object = {}): Promise<{ id: string; secret: string }> {
  const body = JSON.stringify({ name: "a test", owner: "robot", scopes: ["orders:read"], ...more });
  const answer = await tier.admin("/api-keys", { method: "POST", body });
  const { key, secret } = (await answer.json()) as { key: { id: string }; secret: string };
  return { id: key.id, secret };
}

const orders = (bed: TestBed, secret: string, { port } = bed.security) =>
  ask({ port, protocol: "http/1.1", tls: bed.tls() }, { path: "/orders", headers: { "x-api-key": secret } });

const statusOf = async (bed: TestBed, secret: string, tier = bed.security): Promise<number> =>
  (await orders(bed, secret, tier)).status;

for (const protocol of protocols)
  test(`over ${protocol} a key opens what its scopes open, and the service never sees it`, async (t) => {
    const file = join(directoryWith(t, { "keys.yaml": "keys: []\n" }), "keys.yaml");
    const bed = await echo(t, { apiKeys: { file } });
    const line = { port: bed.security.port, protocol, tls: bed.tls() };
    const good = await make(bed.security);
    const poor = await make(bed.security, { scopes: [] });
    const ask401 = async (headers: Record<string, string | string[]>) => {
      const { status, headers: told, json } = await ask(line, { path: "/orders", headers });
      return [status, json.type.split(":").at(-1), told["www-authenticate"]];
    };
    const { status, json } = await ask(line, { path: "/orders", headers: { "X-API-Key": good.secret } });
    assert.equal(status, 200);
    assert.ok(!JSON.stringify(json).includes(good.secret));
    assert.equal((await ask(line, { path: "/orders", headers: { "x-api-key": poor.secret } })).status, 403);

    const challenge = 'ApiKey realm="tandem"';
    assert.deepEqual(await ask401({ "x-api-key": "nonsense" }), [401, "credentials.invalid", challenge]);
    assert.deepEqual(await ask401({ "x-api-key": good.secret.replace(/.$/, "-") }), [
      401,
      "credentials.invalid",
      challenge,
    ]);
    await bed.security.admin(`/api-keys/${poor.id}`, { method: "DELETE" });
    assert.deepEqual(await ask401({ "x-api-key": poor.secret }), [401, "credentials.invalid", challenge]);
    assert.equal((await ask401({ authorization: `Bearer ${good.secret}` }))[0], 401, "in no other header");
    assert.equal((await ask(line, { path: `/orders?api_key=${good.secret}` })).status, 401, "nor in the query");
    for (const headers of [
      { "x-api-key": [good.secret, good.secret] },
      { "x-api-key": `${good.secret},${good.secret}` },
      { "x-api-key": good.secret, authorization: "Bearer a.b.c" },
    ])
      assert.equal((await ask401(headers))[0], 400);
  });

test("no key is in the log, the metrics or the configuration that is shown; its id is in the log", async (t) => {
  const file = join(directoryWith(t, { "keys.yaml": "keys: []\n" }), "keys.yaml");
  const bed = await echo(t, { apiKeys: { file } });
  const { id, secret } = await make(bed.security);
  await orders(bed, secret);
  await ask(
    { port: bed.security.port, protocol: "http/1.1", tls: bed.tls() },
    { path: `/open?api_key=${secret}`, headers: { "user-agent": "a test" } },
  );
  const refused = await orders(
    bed,
    secret.replace(/.$/, (last) => (last === "x" ? "y" : "x")),
  );
  await bed.security.lineOf(String(refused.headers["x-request-id"]));
  const shown = await Promise.all(
    ["/config", "/metrics", "/api-keys", `/api-keys/${id}`, "/traces", "/requests"].map(async (path) =>
      (await bed.security.admin(path)).text(),
    ),
  );
  const logged = (): string => JSON.stringify([...bed.security.lines, ...bed.routing.lines]);
  await until("the key's use is logged", () => logged().includes(id));
  for (const text of [...shown, logged(), readFileSync(file, "utf8")]) assert.ok(!text.includes(secret.slice(4, 40)));
});

test("a key that is taken out of the file by hand ends within a second", async (t) => {
  const file = join(directoryWith(t, { "keys.yaml": "keys: []\n" }), "keys.yaml");
  const bed = await echo(t, { apiKeys: { file } });
  const { secret } = await make(bed.security);
  assert.equal(await statusOf(bed, secret), 200);
  writeFileSync(file, "keys: []\n");
  const ms = await until("it is refused", async () => (await statusOf(bed, secret)) === 401);
  t.diagnostic(`refused after ${Math.round(ms)} ms`);
  assert.equal((await bed.security.problems("credentials.invalid")) > 0, true);
});

test(
  "a key in Redis is good at every gateway, and ends at every gateway within a second",
  { skip: withoutRedis() },
  async (t) => {
    const redis = await startRedis(t);
    const store = { type: "redis", url: redis.url };
    const settings = { store, apiKeys: { store: true }, revocation: { blindAfter: "1s" } };
    const bed = await echo(t, settings);
    const section = {
      listen: { host: "127.0.0.1", port: 0, tls: { certificate: "server.crt", key: "server.key" } },
      assertion: { keys: "assertion-keys" },
      routingTier: {
        discovery: "static",
        instances: [`https://127.0.0.1:${bed.routing.port}`],
        tls: { certificate: "client.crt", key: "client.key", ca: "ca.crt" },
      },
      ...settings,
    };
    const other = await startTier(t, securityProcess, { folder: bed.folder, section });
    const { id, secret } = await make(bed.security);
    assert.equal(await statusOf(bed, secret, other), 200);
    const rotated = await bed.security.admin(`/api-keys/${id}/rotate`, { method: "POST", body: "{}" });
    const { secret: second } = (await rotated.json()) as { secret: string };
    for (const each of [secret, second]) assert.equal(await statusOf(bed, each, other), 200);
    await bed.security.admin(`/api-keys/${id}`, { method: "DELETE" });
    for (const tier of [other, bed.security])
      for (const each of [secret, second]) {
        const ms = await until("it is refused", async () => (await statusOf(bed, each, tier)) === 401);
        t.diagnostic(`refused after ${Math.round(ms)} ms`);
      }
    const third = await make(other);
    assert.equal(await statusOf(bed, third.secret), 200);
    const unseen = await make(other);
    await redis.kill();
    await until("nobody can tell of a key that nobody saw", async () => (await statusOf(bed, unseen.secret)) === 503);
    await until("nobody can tell what was revoked", async () => (await statusOf(bed, third.secret)) === 503);
    await redis.start();
    await until("the empty store is there again", async () => (await statusOf(bed, unseen.secret)) === 401);
    await until("whoever was seen is known for a minute", async () => (await statusOf(bed, third.secret)) === 200);
  },
);
