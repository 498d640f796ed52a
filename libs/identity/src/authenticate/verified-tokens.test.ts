import assert from "node:assert/strict";
import { test } from "node:test";
import { exchangeOf } from "@tandem/kernel/testing";
import type { CacheReading } from "../cache-reading.ts";
import { jwtKind } from "./jwt-strategy.ts";
import { authenticate } from "./stage.ts";
import { createTestKey, issuersOf, issuerWith, signToken, sourceOf } from "./testing.ts";

const key = createTestKey("ES256", "k1");
const iss = "https://issuer.test";
const start = 1_700_000_000_000;
const tokenFor = (seconds: number): string =>
  signToken(key, { iss, aud: "api", sub: "me", exp: start / 1000 + seconds });

/** A stage with its clock and keys in the test's hands; `ask` gives the principal. */
function stageAt() {
  const world = { now: start };
  const caches: CacheReading[] = [];
  const keys = sourceOf(key.verification);
  const clock = { now: () => world.now, monotonic: () => world.now };
  const issuers = issuersOf(issuerWith({ issuer: iss, keys, clockSkew: 0 }));
  const stage = authenticate({ kinds: [jwtKind({ issuers, clock })], clock, capacity: 100, caches });
  const ask = async (token: string) => {
    const { exchange } = exchangeOf({ rawHeaders: ["authorization", `Bearer ${token}`] });
    await stage.run(exchange);
    return exchange.principal;
  };
  return { world, keys, ask, caches };
}

test("a repeated token gives the very same principal", async () => {
  const { ask } = stageAt();
  const token = tokenFor(600);
  assert.equal(await ask(token), await ask(token));
});

test("after a minute the token is looked at anew", async () => {
  const { world, ask } = stageAt();
  const token = tokenFor(600);
  const principal = await ask(token);
  world.now += 59_999;
  assert.equal(await ask(token), principal);
  world.now += 1;
  const again = await ask(token);
  assert.notEqual(again, principal);
  assert.deepEqual(again, principal);
});

test("what was known is a hit, and what has expired or never was there is none", async () => {
  const { world, ask, caches } = stageAt();
  const token = tokenFor(30);
  await ask(token);
  await ask(token);
  world.now += 30_000;
  await assert.rejects(ask(token));
  const [{ name, hits, misses, size } = {}] = caches;
  assert.deepEqual({ name, hits, misses, size }, { name: "jwt", hits: 1, misses: 2, size: 0 });
});

test("a remembered token expires like any other", async () => {
  const { world, ask } = stageAt();
  const token = tokenFor(30);
  await ask(token);
  world.now += 29_999;
  await ask(token);
  world.now += 1;
  await assert.rejects(ask(token), { code: "token.expired" });
});

test("a key that is gone takes its remembered tokens with it", async () => {
  const { keys, ask } = stageAt();
  const token = tokenFor(600);
  await ask(token);
  keys.replace(createTestKey("ES256", "k2").verification);
  await assert.rejects(ask(token), { code: "token.key" });
});

test("a rotation refuses no token of either key", async () => {
  const { keys, ask } = stageAt();
  const next = createTestKey("ES256", "k2");
  const [old, young] = [tokenFor(600), signToken(next, { iss, aud: "api", sub: "me", exp: start / 1000 + 600 })];
  await ask(old);
  keys.replace(key.verification, next.verification);
  await ask(old);
  await ask(young);
  keys.replace(next.verification);
  await ask(young);
});

test("a token whose key is not there yet makes the source look again", async () => {
  const { keys, ask } = stageAt();
  const next = createTestKey("ES256", "k2");
  keys.next = [key.verification, next.verification];
  const young = signToken(next, { iss, aud: "api", sub: "me", exp: start / 1000 + 600 });
  assert.equal((await ask(young)).subject, "me");
  await ask(tokenFor(600));
  assert.equal(keys.renewals, 1);
});

test("bad tokens are not remembered: they push no good one out", async () => {
  const { ask } = stageAt();
  const token = tokenFor(600);
  const principal = await ask(token);
  for (let index = 0; index < 300; index++)
    await assert.rejects(ask(signToken(key, { iss, aud: "api", exp: index })), { code: "token.expired" });
  assert.equal(await ask(token), principal);
});

test("however many tokens come, the memory is bounded and the verdict the same", async () => {
  const { ask } = stageAt();
  const tokens = Array.from({ length: 300 }, (_, index) =>
    signToken(key, { iss, aud: "api", sub: `caller-${index}`, exp: start / 1000 + 600 }),
  );
  for (const round of [1, 2])
    for (const [index, token] of tokens.entries())
      assert.equal((await ask(token)).subject, `caller-${index}`, `round ${round}`);
});
