import assert from "node:assert/strict";
import { readdir, rename, rm } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fixedClock, keepingLogger, until } from "@tandem/platform/testing";
import { createKeyFile } from "./create-key-file.ts";
import { withRotationLock } from "./rotation-lock.ts";
import { scheduleRotation, type ScheduledRotation } from "./scheduled-rotation.ts";
import { emptyDirectory } from "./testing.ts";

const start = 1_700_000_000_000;
const day = 86_400_000;

/** A directory with a key of today, and gateways that look at it all the time, each with its own jitter. */
async function world(t: TestContext, { gateways = 1 } = {}) {
  const [directory, publicDirectory] = [await emptyDirectory(t), await emptyDirectory(t)];
  const clock = fixedClock(start);
  const first = await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory, now: start });
  const logger = keepingLogger();
  const times = { lead: 5000, retireAfter: 60_000, every: 30 * day };
  const keys: ScheduledRotation = { directory, publicDirectory, algorithm: "EdDSA", ...times };
  const begin = () => {
    const begun = scheduleRotation(keys, { logger, clock, interval: 15 });
    t.after(() => begun.close());
    return begun;
  };
  const begun = Array.from({ length: gateways }, begin);
  const said = (message: RegExp) => logger.lines.filter((line) => message.test(line.message));
  const kids = async () => (await readdir(directory)).map((name) => name.replace(/\.json$/, "")).toSorted();
  return { directory, publicDirectory, clock, first, begun, logger, said, kids };
}

test("keys are rotated when they are due, retired when their time is over, and it is told once each", async (t) => {
  const { directory, publicDirectory, clock, first, said, kids, logger } = await world(t);
  clock.advance(30 * day - 5001);
  await sleep(80);
  assert.deepEqual(await kids(), [first]);
  clock.advance(1);
  await until("the next key is made", () => said(/made the next key/).length > 0);
  const [line] = said(/made the next key/);
  const { kid, ...fields } = line?.fields ?? {};
  assert.deepEqual(fields, { directory, signsFrom: new Date(start + 30 * day).toISOString() });
  assert.deepEqual(await kids(), [first, String(kid)].toSorted());
  clock.advance(5000 + 60_000);
  await until("the old key is gone", () => said(/removed a key/).length > 0);
  assert.deepEqual(await kids(), [kid]);
  assert.deepEqual(await readdir(publicDirectory), [`${String(kid)}.json`]);
  await sleep(80);
  assert.deepEqual(
    logger.lines.map(({ level }) => level),
    ["info", "info"],
  );
});

test("of several gateways that share a directory one makes the next key, each time", async (t) => {
  const { directory, clock, said, kids, logger } = await world(t, { gateways: 4 });
  for (const round of [1, 2, 3]) {
    clock.advance(30 * day);
    await until(`key ${round} is made`, () => said(/made the next key/).length >= round);
    await sleep(100);
    assert.equal(said(/made the next key/).length, round);
    clock.advance(5000 + 60_000);
    await until("the old key is gone", () => said(/removed a key/).length >= round);
    await until("one is left", async () => (await kids()).length === 1);
  }
  assert.deepEqual(
    logger.lines.filter(({ level }) => level !== "info"),
    [],
  );
  await until("the lock is given back", async () => !(await readdir(directory)).includes(".rotation.lock"));
});

test("a trouble is one error line for as long as it lasts, and goes on where it stopped", async (t) => {
  const { directory, publicDirectory, clock, said } = await world(t);
  t.after(() => rm(`${publicDirectory}-away`, { recursive: true, force: true }));
  await rename(publicDirectory, `${publicDirectory}-away`);
  clock.advance(30 * day);
  await until("it is said", () => said(/cannot be rotated/).length > 0);
  await sleep(100);
  const [line, ...more] = said(/cannot be rotated/);
  assert.deepEqual(more, []);
  assert.equal(line?.message, `the keys cannot be rotated: ${publicDirectory} does not exist`);
  assert.equal((await readdir(directory)).length, 1);
  await rename(`${publicDirectory}-away`, publicDirectory);
  await until("it is done", () => said(/made the next key/).length === 1);
});

test("an emptied directory gets no new key: gateways still use those that they have read", async (t) => {
  const { directory, clock, said } = await world(t);
  for (const name of await readdir(directory)) await rm(`${directory}/${name}`);
  clock.advance(30 * day);
  await until("it is said", () => said(/holds no usable key file/).length > 0);
  assert.deepEqual(await readdir(directory), []);
});

test("while somebody else rotates it waits without a word", async (t) => {
  const { directory, clock, logger } = await world(t);
  await withRotationLock(directory, async () => {
    clock.advance(30 * day);
    await sleep(100);
    assert.deepEqual(logger.lines, []);
  });
  await until("its turn comes", () => logger.lines.length === 1);
});

test("what is closed looks no more, and closing waits for a look that is under way", async (t) => {
  const { directory, clock, begun, logger, kids } = await world(t, { gateways: 2 });
  clock.advance(30 * day);
  await until("one has begun", async () => (await readdir(directory)).length > 1);
  await Promise.all(begun.map((one) => one.close()));
  const before = [await readdir(directory), logger.lines.length];
  clock.advance(90 * day);
  await sleep(80);
  assert.deepEqual([await readdir(directory), logger.lines.length], before);
  assert.equal((await kids()).length, 2);
});
