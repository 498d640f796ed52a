import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { GatewayError } from "@tandem/contracts/errors";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { keepingLogger } from "../keys/testing.ts";
import { CachedKeys } from "./cached-keys.ts";

const jwk = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
const documentOf = (...kids: string[]): string => JSON.stringify({ keys: kids.map((kid) => ({ ...jwk, kid })) });
const unavailable = (error: unknown): boolean => error instanceof GatewayError && error.code === "identity.unavailable";

/** A source whose document and clock are in the test's hands. */
function sourceOf(first: string | Error, logger = silentLogger) {
  const world = { answer: first, now: 0, loads: 0, hold: undefined as Promise<void> | undefined };
  const load = async (): Promise<string> => {
    world.loads++;
    await world.hold;
    if (world.answer instanceof Error) throw world.answer;
    return world.answer;
  };
  const clock = { now: () => world.now, monotonic: () => world.now };
  const source = new CachedKeys(load, { algorithms: ["EdDSA"], clock, logger });
  const kids = async (): Promise<(string | undefined)[]> => (await source.keys()).map(({ kid }) => kid);
  return { world, source, kids };
}

test("many who ask at once cause one load, and later ones need not wait", async () => {
  const { world, source, kids } = sourceOf(documentOf("a"));
  assert.deepEqual(await Promise.all([kids(), kids(), kids()]), [["a"], ["a"], ["a"]]);
  assert.equal(world.loads, 1);
  assert.ok(Array.isArray(source.keys()));
});

test("after ten minutes the keys are looked for again, and nobody waits for it", async () => {
  const { world, source, kids } = sourceOf(documentOf("a"));
  await kids();
  world.answer = documentOf("a", "b");
  world.now = 599_999;
  assert.deepEqual(await kids(), ["a"]);
  assert.equal(world.loads, 1);
  world.now = 600_000;
  assert.ok(Array.isArray(source.keys()));
  await new Promise(setImmediate);
  assert.deepEqual(await kids(), ["a", "b"]);
  assert.equal(world.loads, 2);
});

test("old keys serve for a day while the issuer is down, then there is no telling", async () => {
  const { world, kids } = sourceOf(documentOf("a"));
  await kids();
  world.answer = new Error("down");
  for (world.now = 600_000; world.now < 86_400_000; world.now += 3_600_000) {
    assert.deepEqual(await kids(), ["a"]);
    await new Promise(setImmediate);
  }
  world.now = 86_400_000;
  await assert.rejects(kids(), unavailable);
  world.answer = documentOf("a");
  world.now += 1000;
  assert.deepEqual(await kids(), ["a"]);
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
  const { world, kids } = sourceOf(new Error("connect ECONNREFUSED"), logger);
  for (world.now = 0; world.now < 5000; world.now += 1000) await assert.rejects(kids(), unavailable);
  assert.deepEqual(lines, ["warn: the issuer's keys cannot be had"]);
});
