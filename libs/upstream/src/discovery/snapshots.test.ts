import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Endpoint } from "@tandem/contracts/upstream";
import { directoryWith, fixedClock, keepingLogger, until } from "@tandem/platform/testing";
import { openSnapshots } from "./snapshots.ts";

const watched = { service: "orders", source: "consul http://127.0.0.1:8500 dc1" };
const endpoints: Endpoint[] = [
  { id: "a", origin: "http://10.0.0.1:80", weight: 1 },
  { id: "b", origin: "https://[fd00::1]:443", weight: 3, zone: "z1", tags: ["v1"], meta: { team: "x" } },
];

function kept(t: TestContext, directory = join(directoryWith(t, {}), "made", "when", "needed")) {
  const clock = fixedClock(1_000_000);
  const logger = keepingLogger();
  const snapshots = openSnapshots({ directory, maxAge: 60_000, logger, clock });
  const file = (): string => join(directory, readdirSync(directory)[0] ?? "none");
  return { snapshots, clock, logger, directory, file };
}

test("what was written is read, and how old it is", async (t) => {
  const { snapshots, clock, directory, file } = kept(t);
  assert.equal(await snapshots.read(watched), undefined);
  await snapshots.write(watched, endpoints);
  clock.advance(7_000);
  assert.deepEqual(await snapshots.read(watched), { endpoints, ageMs: 7_000 });
  assert.equal(statSync(file()).mode & 0o777, 0o600);
  await snapshots.write(watched, []);
  assert.deepEqual(await snapshots.read(watched), { endpoints: [], ageMs: 0 });
  assert.equal(readdirSync(directory).length, 1, "no draft stays");
});

test("one that was never written is no cause for a warning", async (t) => {
  const { snapshots, logger } = kept(t);
  await snapshots.read(watched);
  assert.deepEqual(logger.lines, []);
});

test("one service, asked for at two places, has two lists; names that mean something to a file system do not", async (t) => {
  const { snapshots, directory } = kept(t);
  const other = { ...watched, source: "dns" };
  const odd = { service: "../../etc/passwd", source: "dns" };
  await snapshots.write(watched, endpoints);
  await snapshots.write(other, []);
  await snapshots.write(odd, []);
  assert.equal((await snapshots.read(watched))?.endpoints.length, 2);
  assert.equal((await snapshots.read(other))?.endpoints.length, 0);
  assert.equal(readdirSync(directory).length, 3);
});

const text = (change: object) => JSON.stringify({ version: 1, ...watched, savedAt: 1_000_000, endpoints, ...change });
const endpoint = (change: object) => text({ endpoints: [{ ...endpoints[0], ...change }] });
const useless: { name: string; spoil: (file: string) => void; why: RegExp }[] = [
  { name: "half a file", spoil: (file) => truncateSync(file, 40), why: /not JSON/ },
  { name: "an empty file", spoil: (file) => truncateSync(file, 0), why: /not JSON/ },
  { name: "another form", spoil: (file) => writeFileSync(file, text({ version: 2 })), why: /not what was written/ },
  { name: "another service's", spoil: (file) => writeFileSync(file, text({ service: "catalog" })), why: /another/ },
  { name: "another source's", spoil: (file) => writeFileSync(file, text({ source: "dns" })), why: /another/ },
  { name: "one from too long ago", spoil: (file) => writeFileSync(file, text({ savedAt: 1 })), why: /too old/ },
  { name: "a path", spoil: (file) => writeFileSync(file, endpoint({ origin: "http://a:1/x" })), why: /not what/ },
  { name: "a user", spoil: (file) => writeFileSync(file, endpoint({ origin: "http://u@a:1" })), why: /not what/ },
  { name: "no origin", spoil: (file) => writeFileSync(file, endpoint({ origin: "file:///etc" })), why: /not what/ },
  { name: "a weight of nothing", spoil: (file) => writeFileSync(file, endpoint({ weight: 0 })), why: /not what/ },
  { name: "an endless file", spoil: (file) => truncateSync(file, 17 * 1024 * 1024), why: /too long/ },
  { name: "one that others may write", spoil: (file) => chmodSync(file, 0o666), why: /others may write/ },
  {
    name: "a folder",
    spoil: (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    why: /no file|EISDIR/,
  },
  {
    name: "a pipe that nobody writes to",
    spoil: (file) => {
      rmSync(file);
      assert.equal(spawnSync("mkfifo", [file]).status, 0);
    },
    why: /no file/,
  },
];
for (const { name, spoil, why } of useless)
  test(`of no use, and no failure: ${name}`, async (t) => {
    const { snapshots, logger, file } = kept(t);
    await snapshots.write(watched, endpoints);
    spoil(file());
    assert.equal(await snapshots.read(watched), undefined);
    assert.match(String(logger.lines[0]?.fields["error"]), why);
  });

test("a place where nothing can be written is a warning, once", async (t) => {
  const directory = join(directoryWith(t, { "a-file": "" }), "a-file");
  const { snapshots, logger } = kept(t, directory);
  await snapshots.write(watched, endpoints);
  await snapshots.write(watched, endpoints);
  assert.equal(logger.lines.length, 1);
  assert.equal(await snapshots.read(watched), undefined);
});

test("a new list replaces the old one as a whole", async (t) => {
  const { snapshots, file } = kept(t);
  await snapshots.write(watched, endpoints);
  const inode = statSync(file()).ino;
  await snapshots.write(watched, endpoints.slice(0, 1));
  assert.notEqual(statSync(file()).ino, inode);
  assert.doesNotThrow(() => void JSON.parse(readFileSync(file(), "utf8")));
});

test("what a crash left of a write is removed at the next start, and nothing that could be another's", async (t) => {
  const drafted = (letter: string) => `orders-0123456789abcdef.json.${letter.repeat(8)}-0000-4000-8000-000000000000`;
  const others = [drafted("b"), "orders-0123456789abcdef.json", "notes.json.old", `${drafted("c")}.bak`];
  const directory = directoryWith(t, Object.fromEntries([drafted("a"), ...others].map((name) => [name, "half a"])));
  const hourAgo = Date.now() / 1_000 - 3_600;
  for (const name of readdirSync(directory))
    if (name !== drafted("b")) utimesSync(join(directory, name), hourAgo, hourAgo);
  openSnapshots({ directory, maxAge: 60_000, logger: keepingLogger() });
  await until("it is gone", () => !readdirSync(directory).includes(drafted("a")));
  assert.deepEqual(readdirSync(directory), others.toSorted());
});

test("a disk that hangs is not waited for at the end", async (t) => {
  const directory = directoryWith(t, {});
  t.mock.method(promises, "mkdir", () => new Promise(() => {}));
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const snapshots = openSnapshots({ directory, maxAge: 60_000, logger: keepingLogger(), patience: 50 });
  void snapshots.write(watched, endpoints);
  await snapshots.settle();
  assert.deepEqual(readdirSync(directory), []);
});
