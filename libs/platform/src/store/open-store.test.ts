import assert from "node:assert/strict";
import test from "node:test";
import { Secret } from "../config/secret.ts";
import { silentLogger } from "../log/silent-logger.ts";
import { storeSchema } from "./config.ts";
import { openStore } from "./open-store.ts";
import { startRedis, withoutRedis } from "./testing.ts";

const redis = { type: "redis", prefix: "x:", timeout: 150 } as const;

test("without a store section the memory of the process is the store", async () => {
  const options = storeSchema.parse(undefined);
  assert.deepEqual(options, { type: "memory", maxEntries: 100_000 });
  const store = await openStore(options, { logger: silentLogger });
  await store.set("a", "1", 1000);
  assert.equal(await store.get("a"), "1");
});

test("the section's defaults are Redis' own limits", () => {
  const { url, ...rest } = storeSchema.parse({ type: "redis", url: "redis://host" }) as Record<string, unknown>;
  assert.ok(url instanceof Secret);
  assert.deepEqual(rest, { type: "redis", prefix: "tandem:", timeout: 150 });
});

for (const given of [
  {},
  { type: "memcached" },
  { type: "redis" },
  { type: "memory", url: "x" },
  { type: "memory", maxEntries: 0 },
]) {
  test(`${JSON.stringify(given)} is no store`, () => assert.equal(storeSchema.safeParse(given).success, false));
}

test("a url of another kind and a ca that cannot be read are refused, and the url is not shown", async () => {
  const wrongUrl = openStore({ ...redis, url: new Secret("http://:hunter2@host") }, { logger: silentLogger });
  await assert.rejects(wrongUrl, { message: "the store's url begins with neither redis:// nor rediss://" });
  const wrongCa = openStore(
    { ...redis, url: new Secret("rediss://host"), ca: "/nowhere/ca" },
    { logger: silentLogger },
  );
  await assert.rejects(wrongCa, { message: "/nowhere/ca does not exist" });
});

test("two prefixes on one Redis do not meet", { skip: withoutRedis() }, async (t) => {
  const url = new Secret((await startRedis(t)).url);
  const [left, right] = await Promise.all(
    ["left:", "right:"].map((prefix) => openStore({ ...redis, url, prefix }, { logger: silentLogger })),
  );
  assert.ok(left !== undefined && right !== undefined);
  t.after(() => Promise.all([left.close(), right.close()]));
  await left.set("a", "1", 10_000);
  const heard: string[] = [];
  await right.subscribe("news", (message) => void heard.push(message));
  await left.publish("news", "x");
  assert.equal(await right.get("a"), undefined);
  assert.equal(await left.get("a"), "1");
  assert.deepEqual(heard, []);
});
