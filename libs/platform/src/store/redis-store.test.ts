import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { Redis } from "ioredis";
import test, { type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { directoryWith, keepingLogger, until } from "../testing.ts";
import { createAuthority, issueCertificate } from "../tls/development-ca.ts";
import { openRedisStore } from "./redis-store.ts";
import { type Store, StoreUnavailable } from "./store.ts";
import { startRedis, withoutRedis } from "./testing.ts";

const skip = withoutRedis();
const line = (text: string, ttlMs = 60_000) => ({ text, ttlMs });

async function open(t: TestContext, url: string, more: { ca?: string } = {}) {
  const logger = keepingLogger();
  const store = await openRedisStore({ url, logger, ...more });
  t.after(() => store.close());
  return { store, logger };
}

/** Milliseconds. The store waits for 150 of them, or a few times that; on the busiest machine only what hangs takes as long as this. */
const hanging = 5_000;

/** How long a call takes to fail. */
async function timeOfFailure(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await assert.rejects(call, StoreUnavailable);
  return performance.now() - start;
}

const answers = (store: Store) => (): Promise<boolean> => store.healthy();

test(
  "a frozen Redis costs one call its timeout, the next ones nothing, and is believed again when it thaws",
  { skip },
  async (t) => {
    const redis = await startRedis(t);
    const { store, logger } = await open(t, redis.url);
    await store.set("a", "1", 60_000);
    redis.freeze();
    const first = await timeOfFailure(() => store.get("a"));
    assert.ok(first > 120 && first < hanging, `first ${first}`);
    for (let at = 0; at < 20; at += 1) await timeOfFailure(() => store.increment("b", 1000));
    assert.equal(store.stats?.isUp, false);
    assert.equal(store.stats.outcomes.failed, 1);
    assert.equal(store.stats.outcomes.unsent, 20);
    await sleep(520);
    await Promise.all(Array.from({ length: 10 }, () => timeOfFailure(() => store.get("a"))));
    const { failed, unsent } = store.stats.outcomes;
    assert.deepEqual({ failed, unsent }, { failed: 2, unsent: 29 }, "one call tries for all");
    redis.thaw();
    await until("Redis answers", answers(store));
    assert.equal(await store.get("a"), "1");
    assert.equal(store.stats.isUp, true);
    const { outcomes, waits } = store.stats;
    assert.equal(waits.count, outcomes.answered + outcomes.failed, "what was not sent was not waited for");
    assert.deepEqual(
      logger.lines.map(({ message }) => message),
      ["the store does not answer", "the store answers again"],
      "an outage is told once",
    );
  },
);

test("a Redis that stays frozen loses its connection, and gets a new one when it thaws", { skip }, async (t) => {
  const redis = await startRedis(t);
  const { store } = await open(t, redis.url);
  redis.freeze();
  const end = performance.now() + 3000;
  while (performance.now() < end) {
    assert.ok((await timeOfFailure(() => store.get("a"))) < hanging);
    await sleep(100);
  }
  redis.thaw();
  await until("Redis answers", answers(store));
});

test("a killed Redis fails at once, a new one is found, and subscriptions go on", { skip }, async (t) => {
  const redis = await startRedis(t);
  const { store } = await open(t, redis.url);
  const heard: string[] = [];
  await store.subscribe("news", (message) => void heard.push(message));
  await redis.kill();
  let waited = 0;
  for (let at = 0; at < 10; at += 1) waited += await timeOfFailure(() => store.get("a"));
  assert.ok(waited < 10 * 150, `${waited} ms, and ten time-outs are no more`);
  await assert.rejects(
    store.subscribe("more", () => {}),
    StoreUnavailable,
  );
  await redis.start();
  await until("Redis answers", answers(store));
  assert.equal((await store.increment("fresh", 1000)).count, 1, "its scripts are loaded again");
  await until("news are heard", async () => {
    await store.publish("news", "again");
    return heard.length > 0;
  });
});

test("a Redis that is not there yet is waited for only briefly, and found later", { skip }, async (t) => {
  const redis = await startRedis(t);
  await redis.kill();
  const start = performance.now();
  const { store } = await open(t, redis.url);
  assert.ok(performance.now() - start < hanging);
  assert.equal(await store.healthy(), false);
  await redis.start();
  await until("Redis answers", answers(store));
});

test("a server that accepts and never answers is a store that is down", async (t) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on("error", () => {}))).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const start = performance.now();
  const { store } = await open(t, `redis://127.0.0.1:${address.port}`);
  assert.ok(performance.now() - start < hanging);
  assert.ok((await timeOfFailure(() => store.get("a"))) < hanging);
  assert.equal(await store.healthy(), false);
});

test("closing while Redis is frozen is at once", { skip }, async (t) => {
  const redis = await startRedis(t);
  const { store } = await open(t, redis.url);
  await store.subscribe("news", () => {});
  redis.freeze();
  const call = timeOfFailure(() => store.get("a"));
  const start = performance.now();
  await store.close();
  assert.ok(performance.now() - start < hanging);
  assert.ok((await call) < hanging);
});

test("a log that Redis lost, or lost a part of, begins anew, whoever writes to it first", { skip }, async (t) => {
  const redis = await startRedis(t);
  const { store } = await open(t, redis.url);
  const { store: other } = await open(t, redis.url);
  const bare = new Redis(redis.url);
  t.after(() => bare.disconnect());
  const parts = ["order", "ends", "state"].map((part) => `tandem:log:a:${part}`);
  for (const lost of [parts, parts.slice(0, 1), parts.slice(1, 2), parts.slice(2)])
    for (const isWritten of [true, false]) {
      await store.append("a", [line("1"), line("2")]);
      const { cursor } = await store.readLog("a");
      await bare.del(lost);
      if (isWritten) await other.append("a", [line("3"), line("4"), line("5")]);
      const { entries, fromStart } = await store.readLog("a", cursor);
      assert.deepEqual([entries, fromStart], [isWritten ? ["3", "4", "5"] : [], true], `${lost.join()} ${isWritten}`);
      await bare.flushall();
    }
});

test(
  "a log leaves nothing behind in Redis, and gives no cursor of one connection a meaning on another",
  { skip },
  async (t) => {
    const redis = await startRedis(t);
    const { store } = await open(t, redis.url);
    const bare = new Redis(redis.url);
    t.after(() => bare.disconnect());
    await store.append("a", [line("1", 60_000), line("2", 120_000)]);
    const ttls = await Promise.all((await bare.keys("*")).map((key) => bare.pttl(key)));
    assert.equal(ttls.length, 3);
    for (const ttl of ttls) assert.ok(ttl > 100_000 && ttl <= 120_000, `${ttl}`);
    const { cursor } = await store.readLog("a");
    await bare.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await until("Redis answers", answers(store));
    const { entries, fromStart } = await store.readLog("a", cursor);
    assert.deepEqual([entries, fromStart], [["1", "2"], true]);
  },
);

test("a password is used, a wrong one is told, and neither is shown", { skip }, async (t) => {
  const redis = await startRedis(t, ["--requirepass", "hunter2"]);
  const good = await open(t, redis.url.replace("//", "//:hunter2@"));
  assert.equal(await good.store.healthy(), true);
  const bad = await open(t, redis.url.replace("//", "//:hunter3@"));
  const failure: unknown = await bad.store.get("a").catch((error: unknown) => error);
  assert.ok(failure instanceof StoreUnavailable);
  await sleep(50);
  const shown = JSON.stringify(bad.logger.lines.map(({ message, fields }) => [message, String(fields["error"])]));
  assert.match(shown, /WRONGPASS/);
  assert.doesNotMatch(shown + String(failure.cause), /hunter/);
});

test("a server is believed over TLS by the given authority alone", { skip }, async (t) => {
  const authority = createAuthority("test ca");
  const server = issueCertificate(authority, { name: "redis", usage: "server", sans: ["127.0.0.1"] });
  const directory = directoryWith(t, { crt: server.certificate, key: server.key, ca: authority.certificate });
  const file = (name: string): string => join(directory, name);
  const probe = await startRedis(t);
  await probe.kill();
  const settings = ["--tls-port", `${probe.port}`, "--port", "0", "--tls-auth-clients", "no"];
  settings.push("--tls-cert-file", file("crt"), "--tls-key-file", file("key"), "--tls-ca-cert-file", file("ca"));
  const { port } = await startRedis(t, settings);
  assert.notEqual(port, probe.port);
  const url = `rediss://127.0.0.1:${probe.port}`;
  assert.equal(await (await open(t, url, { ca: authority.certificate })).store.healthy(), true);
  assert.equal(await (await open(t, url, { ca: createAuthority("other").certificate })).store.healthy(), false);
  assert.equal(await (await open(t, url)).store.healthy(), false);
});

test("a Redis that would evict what still counts is told in the log, another is not", { skip }, async (t) => {
  const [evicting, sound] = await Promise.all([
    startRedis(t, ["--maxmemory-policy", "allkeys-lru"]),
    startRedis(t, ["--maxmemory-policy", "noeviction"]),
  ]);
  const [{ logger: warned }, { logger: silent, store }] = [await open(t, evicting.url), await open(t, sound.url)];
  await until("it is warned", () => warned.lines.some(({ fields }) => fields["policy"] === "allkeys-lru"));
  // What was asked on this connection before is answered before.
  await store.get("a");
  assert.deepEqual(silent.lines, []);
});
