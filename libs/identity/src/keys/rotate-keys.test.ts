import assert from "node:assert/strict";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fixedClock } from "@tandem/platform/testing";
import { createKeyFile } from "./create-key-file.ts";
import { rotateKeys, type RotationOptions } from "./rotate-keys.ts";
import { emptyDirectory } from "./testing.ts";

const start = 1_700_000_000_000;
const minute = 60_000;

/** A directory with one key that is an hour old, its public half, and a clock. */
async function world(t: TestContext, more: Partial<RotationOptions> = {}) {
  const [directory, publicDirectory] = [await emptyDirectory(t), await emptyDirectory(t)];
  const clock = fixedClock(start);
  const first = await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory, now: start - 60 * minute });
  const options = { algorithm: "EdDSA", publicDirectory, lead: 5000, retireAfter: minute, ...more } as const;
  const rotate = (surroundings: object = {}) => rotateKeys(directory, options, { clock, ...surroundings });
  const kids = async (place = directory) =>
    (await readdir(place)).map((name) => name.replace(/\.json$/, "")).toSorted();
  return { directory, publicDirectory, clock, first, rotate, kids };
}

test("a rotation makes the next key, waits for its time, and retires the one before when that is due", async (t) => {
  const { directory, publicDirectory, clock, first, rotate, kids } = await world(t);
  const made = await rotate();
  const second = made.made?.kid ?? "";
  assert.deepEqual(made, { made: { kid: second, signsFrom: start + 5000 }, waiting: undefined, retired: [], kept: [] });
  for (const place of [directory, publicDirectory]) assert.deepEqual(await kids(place), [first, second].toSorted());
  const file = join(directory, `${second}.json`);
  assert.equal(JSON.parse(await readFile(file, "utf8")).iat, start / 1000 + 5);
  assert.equal((await stat(file)).mode & 0o777, 0o600);

  clock.advance(4999);
  const early = await rotate();
  assert.deepEqual([early.made, early.waiting?.kid, early.retired], [undefined, second, []]);

  clock.advance(1 + minute);
  const late = await rotate();
  const third = late.made?.kid ?? "";
  assert.deepEqual([late.retired.map(({ kid }) => kid), late.kept], [[first], []]);
  for (const place of [directory, publicDirectory]) assert.deepEqual(await kids(place), [second, third].toSorted());
});

test("a dry run tells the same and touches nothing", async (t) => {
  const { directory, publicDirectory, clock, rotate, kids } = await world(t);
  await rotate();
  clock.advance(5000 + minute);
  const before = [await kids(), await kids(publicDirectory), (await stat(directory)).mtimeMs];
  const { made, retired } = await rotate({ dryRun: true });
  assert.deepEqual([made?.kid, made?.signsFrom, retired.length], [undefined, start + 10_000 + minute, 1]);
  assert.deepEqual([await kids(), await kids(publicDirectory), (await stat(directory)).mtimeMs], before);
});

test("after a theft the stolen key is gone with the call", async (t) => {
  const { publicDirectory, first, rotate, kids } = await world(t, { lead: 0, retireAfter: 0 });
  const { made, retired } = await rotate();
  assert.deepEqual([made?.signsFrom, retired[0]?.kid], [start, first]);
  assert.deepEqual([await kids(), await kids(publicDirectory)], [[made?.kid], [made?.kid]]);
});

test("an empty directory gets its first key, which signs at once", async (t) => {
  const [directory, clock] = [await emptyDirectory(t), fixedClock(start)];
  const options = { algorithm: "ES256", lead: minute, retireAfter: 0 } as const;
  assert.equal((await rotateKeys(directory, options, { clock })).made?.signsFrom, start);
  await assert.rejects(rotateKeys(await emptyDirectory(t), { ...options, every: minute }), {
    message: /holds no usable key file/,
  });
});

test("many at once make one key", async (t) => {
  const { rotate, kids } = await world(t);
  const done = await Promise.all(Array.from({ length: 6 }, () => rotate({ patience: 30_000 })));
  assert.equal(done.filter(({ made }) => made).length, 1);
  assert.equal((await kids()).length, 2);
});

test("files that are no keys, and second copies of a key, are left alone and take nothing with them", async (t) => {
  const { directory, publicDirectory, clock, first, rotate, kids } = await world(t);
  const second = (await rotate()).made?.kid ?? "";
  clock.advance(5000 + 10 * minute);
  await writeFile(join(directory, "broken.json"), "{");
  await writeFile(join(directory, "notes.txt"), "x");
  await copyFile(join(directory, `${second}.json`), join(directory, "copy.json"));
  const { made, retired } = await rotate();
  assert.deepEqual(
    retired.map(({ kid }) => kid),
    [first],
  );
  assert.deepEqual(await kids(), ["broken", "copy", "notes.txt", made?.kid ?? "", second].toSorted());
  assert.deepEqual(await kids(publicDirectory), [made?.kid ?? "", second].toSorted());
});

test("a rotation that was killed after it published is forgotten by a later one, a fresh one is not touched", async (t) => {
  const { directory, publicDirectory, first, rotate, kids } = await world(t);
  const half = await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory, now: start });
  const draft = join(directory, `.${half}.json.0123456789ab.draft`);
  await rename(join(directory, `${half}.json`), draft);
  const { made } = await rotate({});
  assert.deepEqual(await kids(publicDirectory), [first, half, made?.kid ?? ""].toSorted());
  await utimes(draft, 1, 1);
  await rm(join(directory, `${made?.kid}.json`));
  const again = (await rotate()).made?.kid ?? "";
  assert.deepEqual(await kids(), [first, again].toSorted());
  assert.deepEqual(await kids(publicDirectory), [first, again, made?.kid ?? ""].toSorted());
});

test("a retirement that was killed between its files is finished by the next call", async (t) => {
  const { publicDirectory, clock, first, rotate, kids } = await world(t);
  await rotate();
  clock.advance(5000 + minute);
  await rm(join(publicDirectory, `${first}.json`));
  assert.deepEqual(
    (await rotate()).retired.map(({ kid }) => kid),
    [first],
  );
  assert.ok(!(await kids()).includes(first));
});

const refused: { name: string; spoil: (w: Awaited<ReturnType<typeof world>>) => Promise<unknown>; says: RegExp }[] = [
  {
    name: "a public directory that nobody reads",
    spoil: ({ publicDirectory }) => rm(publicDirectory, { recursive: true }).then(() => mkdir(publicDirectory)),
    says: /does not hold the public half of .{43}, which signs now/,
  },
  {
    name: "a public directory that is not there",
    spoil: ({ publicDirectory }) => rm(publicDirectory, { recursive: true }),
    says: /does not exist$/,
  },
  {
    name: "a directory that is not there",
    spoil: ({ directory }) => rm(directory, { recursive: true }),
    says: /does not exist$/,
  },
  {
    name: "a file in its place",
    spoil: ({ directory }) => rm(directory, { recursive: true }).then(() => writeFile(directory, "")),
    says: /is no directory$/,
  },
  {
    name: "a directory in which no file is usable",
    spoil: ({ directory, first }) => writeFile(join(directory, `${first}.json`), "{"),
    says: /holds no usable key file for EdDSA$/,
  },
];
for (const { name, spoil, says } of refused)
  test(`${name} is told, and nothing is made`, async (t) => {
    const given = await world(t);
    await spoil(given);
    const before = await readdir(given.directory).catch(() => []);
    await assert.rejects(given.rotate(), says);
    assert.deepEqual(await readdir(given.directory).catch(() => []), before);
  });
