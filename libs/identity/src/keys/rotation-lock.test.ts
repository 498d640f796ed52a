import assert from "node:assert/strict";
import { readdir, rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RotationUnderWay, withRotationLock } from "./rotation-lock.ts";
import { emptyDirectory } from "./testing.ts";

const name = ".rotation.lock";

test("one at a time has it, who has patience gets it after, and nothing is left behind", async (t) => {
  const directory = await emptyDirectory(t);
  let inside = 0;
  let most = 0;
  const enter = () =>
    withRotationLock(
      directory,
      async () => {
        most = Math.max(most, ++inside);
        await sleep(5);
        inside--;
      },
      30_000,
    );
  await Promise.all(Array.from({ length: 8 }, enter));
  assert.equal(most, 1);
  assert.deepEqual(await readdir(directory), []);
});

test("who has no patience is told whose fault it is", async (t) => {
  const directory = await emptyDirectory(t);
  await withRotationLock(directory, async () => {
    await assert.rejects(
      withRotationLock(directory, () => Promise.resolve()),
      (error) => error instanceof RotationUnderWay && error.message.endsWith(`remove ${join(directory, name)}`),
    );
  });
});

test("an act that fails gives it back", async (t) => {
  const directory = await emptyDirectory(t);
  await assert.rejects(
    withRotationLock(directory, () => Promise.reject(new Error("no"))),
    /^Error: no$/,
  );
  assert.deepEqual(await readdir(directory), []);
});

const ages: { age: string; minutes: number; opens: boolean }[] = [
  { age: "of a minute ago", minutes: -1, opens: false },
  { age: "of three minutes ago", minutes: -3, opens: true },
  { age: "from a clock that is ahead", minutes: 60, opens: true },
];
for (const { age, minutes, opens } of ages)
  test(`a lock ${age} is ${opens ? "abandoned" : "somebody's"}`, async (t) => {
    const directory = await emptyDirectory(t);
    const lock = join(directory, name);
    await writeFile(lock, "gone 1 0\n");
    await utimes(lock, new Date(), Date.now() / 1000 + minutes * 60);
    const entered = withRotationLock(directory, () => Promise.resolve("in"));
    if (!opens) return assert.rejects(entered, RotationUnderWay);
    assert.equal(await entered, "in");
    assert.deepEqual(await readdir(directory), []);
  });

test("of many that find it abandoned one at a time gets in", async (t) => {
  const directory = await emptyDirectory(t);
  const lock = join(directory, name);
  await writeFile(lock, "gone 1 0\n");
  await utimes(lock, 1, 1);
  let inside = 0;
  const enter = () =>
    withRotationLock(
      directory,
      async () => {
        assert.equal(++inside, 1);
        await sleep(5);
        inside--;
      },
      30_000,
    );
  await Promise.all(Array.from({ length: 8 }, enter));
  assert.deepEqual(await readdir(directory), []);
});

test("who was so slow that another took over leaves that one's lock alone", async (t) => {
  const directory = await emptyDirectory(t);
  const lock = join(directory, name);
  await withRotationLock(directory, async () => {
    await rename(lock, `${lock}.aside`);
    await writeFile(lock, "another\n");
  });
  assert.ok((await readdir(directory)).includes(name));
});

test("an abandoned attempt to break it open is got over as well", async (t) => {
  const directory = await emptyDirectory(t);
  for (const file of [name, `${name}.breaking`]) {
    await writeFile(join(directory, file), "gone 1 0\n");
    await utimes(join(directory, file), 1, 1);
  }
  assert.equal(await withRotationLock(directory, () => Promise.resolve("in"), 30_000), "in");
  assert.deepEqual(await readdir(directory), []);
});
