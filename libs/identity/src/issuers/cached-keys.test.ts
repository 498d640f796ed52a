import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import type { Logger } from "@tandem/platform/log/logger";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { keepingLogger } from "../keys/testing.ts";
import { CachedKeys } from "./cached-keys.ts";

const jwk = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
const documentOf = (...kids: string[]): string => JSON.stringify({ keys: kids.map((kid) => ({ ...jwk, kid })) });
/** Lets what is under way beside the requests come to its end. */
const settled = (): Promise<void> => new Promise(setImmediate);
const unavailable = (error: unknown): boolean => error instanceof GatewayError && error.code === "identity.unavailable";

interface Options {
  readonly logger?: Logger;
  readonly staleFor?: number;
}

/** A source whose document and clock are in the test's hands. */
function sourceOf(first: string | Error, { logger = silentLogger, ...more }: Options = {}) {
  const world = {
    answer: first,
    freshFor: undefined as number | undefined,
    now: 0,
    loads: 0,
    hold: undefined as Promise<void> | undefined,
  };
  const load = async () => {
    world.loads++;
    await world.hold;
    if (world.answer instanceof Error) throw world.answer;
    return { text: world.answer, freshFor: world.freshFor };
  };
  const clock = { now: () => world.now, monotonic: () => world.now };
  const source = new CachedKeys(load, { algorithms: ["EdDSA"], clock, logger, ...more });
  const kids = async (): Promise<(string | undefined)[]> => (await source.keys()).map(({ kid }) => kid);
  return { world, source, kids };
}

test("many who ask at once cause one load, and later ones need not wait", async () => {
  const { world, source, kids } = sourceOf(documentOf("a"));
  assert.deepEqual(await Promise.all([kids(), kids(), kids()]), [["a"], ["a"], ["a"]]);
  assert.equal(world.loads, 1);
  assert.ok(Array.isArray(source.keys()));
});

test("shortly before ten minutes are over the keys are looked for again, and nobody waits for it", async () => {
  const { world, source, kids } = sourceOf(documentOf("a"));
  await kids();
  world.answer = documentOf("a", "b");
  world.now = 479_999;
  assert.deepEqual(await kids(), ["a"]);
  assert.equal(world.loads, 1);
  world.now = 480_000;
  assert.ok(Array.isArray(source.keys()));
  await settled();
  assert.deepEqual(await kids(), ["a", "b"]);
  assert.equal(world.loads, 2);
});

test("whoever comes first after a long silence waits for the keys of now: an old one may have been withdrawn", async () => {
  const { world, source, kids } = sourceOf(documentOf("a"));
  await kids();
  world.answer = documentOf("b");
  world.now = 600_000;
  assert.ok(source.keys() instanceof Promise);
  assert.deepEqual(await Promise.all([kids(), kids()]), [["b"], ["b"]]);
  assert.equal(world.loads, 2);
});

test("the one who waited in vain gets the old keys, and so do the next ones, without waiting", async () => {
  const { world, source, kids } = sourceOf(documentOf("a"));
  await kids();
  world.answer = new Error("down");
  world.now = 600_000;
  assert.deepEqual(await kids(), ["a"]);
  assert.ok(Array.isArray(source.keys()));
  world.now = 601_000;
  assert.ok(Array.isArray(source.keys()));
  await settled();
  assert.equal(world.loads, 3);
});

const lives: { name: string; freshFor: number | undefined; until: number }[] = [
  { name: "ten minutes, where nothing is said", freshFor: undefined, until: 600_000 },
  { name: "as long as their origin says", freshFor: 3_600_000, until: 3_600_000 },
  { name: "at least a minute", freshFor: 0, until: 60_000 },
  { name: "at most a day", freshFor: 31_536_000_000, until: 86_400_000 },
];
for (const { name, freshFor, until } of lives)
  test(`keys are fresh for ${name}`, async () => {
    const { world, source, kids } = sourceOf(documentOf("a"));
    world.freshFor = freshFor;
    await kids();
    world.now = until * 0.8 - 1;
    await kids();
    assert.equal(world.loads, 1);
    world.now = until - 1;
    world.hold = new Promise(() => {});
    assert.ok(Array.isArray(source.keys()));
    assert.equal(world.loads, 2);
    world.now = until;
    assert.ok(source.keys() instanceof Promise);
  });

test("old keys serve for another day while the issuer is down, then there is no telling", async () => {
  const { world, kids } = sourceOf(documentOf("a"));
  await kids();
  world.answer = new Error("down");
  for (world.now = 600_000; world.now < 87_000_000; world.now += 3_600_000) {
    assert.deepEqual(await kids(), ["a"]);
    await settled();
  }
  world.now = 87_000_000;
  await assert.rejects(kids(), unavailable);
  world.answer = documentOf("a");
  world.now += 1000;
  assert.deepEqual(await kids(), ["a"]);
});

test("where nothing stale may serve, an outage tells at once", async () => {
  const { world, kids } = sourceOf(documentOf("a"), { staleFor: 0 });
  await kids();
  world.answer = new Error("down");
  world.now = 599_999;
  assert.deepEqual(await kids(), ["a"]);
  await settled();
  world.now = 600_999;
  await assert.rejects(kids(), unavailable);
});

test("an issuer that was never reached is unavailable, and is not asked more than once a second", async () => {
  const { world, kids } = sourceOf(new Error("down"));
  await assert.rejects(kids(), unavailable);
  world.now = 999;
  await assert.rejects(kids(), unavailable);
  assert.equal(world.loads, 1);
  world.answer = documentOf("a");
  world.now = 1000;
  assert.deepEqual(await kids(), ["a"]);
});

test("an unknown key is looked for once per cool-down", async () => {
  const { world, source, kids } = sourceOf(documentOf("a"));
  await kids();
  world.answer = documentOf("a", "b");
  assert.equal((await source.renew()).length, 2);
  for (let asked = 0; asked < 100; asked++) await source.renew();
  assert.equal(world.loads, 2);
  world.now = 10_000;
  await Promise.all([source.renew(), source.renew()]);
  assert.equal(world.loads, 3);
});

test("whether an unknown key exists is not known while the issuer is down", async () => {
  const { world, source, kids } = sourceOf(documentOf("a"));
  await kids();
  world.answer = new Error("down");
  await assert.rejects(source.renew(), unavailable);
  await assert.rejects(source.renew(), unavailable);
  assert.equal(world.loads, 2);
  assert.deepEqual(await kids(), ["a"]);
  world.answer = documentOf("a", "b");
  world.now = 1000;
  assert.equal((await source.renew()).length, 2);
});

test("who asks for a newer key during a load gets what it brings", async () => {
  const { world, source, kids } = sourceOf(documentOf("a"));
  await kids();
  const { promise, resolve } = Promise.withResolvers<void>();
  world.hold = promise;
  const first = source.renew();
  const second = source.renew();
  world.answer = documentOf("b");
  resolve();
  assert.equal((await first)[0]?.kid, "b");
  assert.equal((await second)[0]?.kid, "b");
});

const rubbish = ["<html>", "{}", '{"keys":[]}', '{"keys":[{"kty":"oct","k":"AAAA"}]}', ""];
for (const text of rubbish) {
  test(`${JSON.stringify(text)} for an answer leaves the old keys in use`, async () => {
    const { world, source, kids } = sourceOf(documentOf("a"));
    await kids();
    world.answer = text;
    await assert.rejects(source.renew(), unavailable);
    assert.deepEqual(await kids(), ["a"]);
  });
}

test("listeners hear of another document, not of another load", async () => {
  const { world, source, kids } = sourceOf(documentOf("a"));
  let changes = 0;
  source.onChange(() => changes++);
  await kids();
  world.now = 20_000;
  await source.renew();
  assert.equal(changes, 1);
  world.answer = documentOf("b");
  world.now = 40_000;
  await source.renew();
  assert.equal(changes, 2);
});

test("an outage is one warning, and its end one line", async () => {
  const { logger, lines } = keepingLogger();
  const { world, kids } = sourceOf(new Error("connect ECONNREFUSED"), { logger });
  for (world.now = 0; world.now < 5000; world.now += 1000) await assert.rejects(kids(), unavailable);
  assert.deepEqual(lines, ["warn: the keys cannot be had"]);
});
