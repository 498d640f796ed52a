import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "@tandem/platform/clock";
import { directoryWith, keepingLogger, until } from "@tandem/platform/testing";
import { createApiKeySecret, digestOf } from "./api-key-secret.ts";
import { openFileKeys, UnusableKeyFile } from "./file-keys.ts";
import { createKeyFile, editKeyFile, keyFileFault } from "./key-file.ts";
import { createKey, revokeKey } from "./manage-keys.ts";
import { givenKey } from "./testing.ts";

const hash = `sha256:${"a".repeat(64)}`;
const key = (more: object = {}) =>
  JSON.stringify({ id: "ak_aaaa", hash, name: "n", owner: "o", createdAt: "2026-01-01T00:00:00Z", ...more });

const faulty: { name: string; text: string; says: RegExp }[] = [
  { name: "an empty file", text: "", says: /:1:1 {2}the file is empty/ },
  { name: "a list", text: "- a\n", says: /:1:1 {2}found no mapping/ },
  { name: "no keys", text: "kees: []\n", says: /did you mean "keys"/ },
  { name: "no YAML", text: "keys: [\n", says: /:\d+:\d+ {2}/ },
  {
    name: "an unknown field",
    text: `keys:\n  - ${key({ scope: [] })}\n`,
    says: /:2:\d+ {2}keys\[0\]\.scope: unknown key; did you mean "scopes"/,
  },
  { name: "no owner", text: `keys:\n  - ${key({ owner: undefined })}\n`, says: /:2:\d+ {2}keys\[0\]\.owner: missing/ },
  {
    name: "a time of no kind",
    text: `keys:\n  - ${key({ expiresAt: "tomorrow" })}\n`,
    says: /expiresAt: .*2027-01-31T00:00:00Z/,
  },
  {
    name: "two keys of one id",
    text: `keys:\n  - ${key()}\n  - ${key({ hash: `sha256:${"b".repeat(64)}` })}\n`,
    says: /:3:\d+ {2}keys\[1\]\.id: the id "ak_aaaa" is named twice/,
  },
  {
    name: "two keys of one hash",
    text: `keys:\n  - ${key()}\n  - ${key({ id: "ak_bbbb" })}\n`,
    says: /:3:\d+ {2}keys\[1\]\.hash: this hash stands here twice/,
  },
  { name: "a reference", text: `keys:\n  - ${key({ name: "${env:HOME}" })}\n`, says: /name: / },
];
for (const { name, text, says } of faulty)
  test(`a file of keys with ${name} is refused, with its place`, (t) => {
    const file = join(directoryWith(t, { "keys.yaml": text }), "keys.yaml");
    assert.match(keyFileFault(file) ?? "", says);
    assert.throws(() => openFileKeys(file, { logger: keepingLogger() }), UnusableKeyFile);
  });

test("a secret where its hash belongs is refused, and not shown", (t) => {
  const secret = createApiKeySecret();
  const file = join(directoryWith(t, { "keys.yaml": `keys:\n  - ${key({ hash: secret })}\n` }), "keys.yaml");
  assert.match(keyFileFault(file) ?? "", /:2:\d+ {2}keys\[0\]\.hash: expected sha256: and the hash/);
  assert.ok(!keyFileFault(file)?.includes(secret.slice(0, 10)));
});

test("a file that is not there is refused, and so is one that is a folder", (t) => {
  const folder = directoryWith(t, {});
  assert.match(keyFileFault(join(folder, "none.yaml")) ?? "", /the file does not exist/);
  assert.match(keyFileFault(folder) ?? "", /is a directory/);
});

function opened(t: TestContext, name = "keys.yaml", text = "keys: []\n") {
  const folder = directoryWith(t, { [name]: text });
  const file = join(folder, name);
  const logger = keepingLogger();
  const keys = openFileKeys(file, { logger, interval: 5 });
  t.after(() => keys.close());
  return { folder, file, logger, keys };
}

const clock = systemClock;
test("a bad edit is told with its place, once, and the last good keys stay; a good one after it counts", async (t) => {
  const { file, logger, keys } = opened(t, "keys.yaml", `keys:\n  - ${key()}\n`);
  const digest = Buffer.from("a".repeat(64), "hex").toString("base64url");
  writeFileSync(file, "keys:\n  - { id: 7 }\n");
  await until("it is seen", () => logger.lines.length > 0);
  await sleep(50);
  assert.equal(logger.lines.length, 1);
  assert.equal(logger.lines[0]?.level, "error");
  assert.match(String(logger.lines[0]?.fields["problem"]), /keys\.yaml:2:\d+ {2}keys\[0\]\.id/);
  assert.ok(keys.find(digest));
  rmSync(file);
  await until("it is seen", () => logger.lines.length > 1);
  assert.ok(keys.find(digest), "nor does it end with the file");
  writeFileSync(file, "keys: []\n");
  await until("it is seen", () => !keys.find(digest));
});

test("a file that is put in the place of another, as volumes do, is followed", async (t) => {
  const folder = directoryWith(t, { "one.yaml": "keys: []\n", "two.yaml": `keys:\n  - ${key()}\n` });
  const file = join(folder, "keys.yaml");
  symlinkSync("one.yaml", file);
  const keys = openFileKeys(file, { logger: keepingLogger(), interval: 5 });
  t.after(() => keys.close());
  symlinkSync("two.yaml", join(folder, "next"));
  renameSync(join(folder, "next"), file);
  await until("it is seen", () => keys.get("ak_aaaa"));
});

for (const name of ["keys.yaml", "keys.json"])
  test(`${name} is written whole, for its owner alone, and holds no secret`, async (t) => {
    const { folder, file, keys } = opened(t, name, name.endsWith("json") ? '{"keys": []}' : "keys: []\n");
    chmodSync(file, 0o644);
    const made = [
      await createKey(keys, givenKey(), { clock }),
      await createKey(keys, givenKey({ label: "x" }), { clock }),
    ];
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), [name], "no draft and no lock is left");
    const text = readFileSync(file, "utf8");
    if (name.endsWith("json")) JSON.parse(text);
    for (const {
      key: { hash: digest },
      secret,
    } of made) {
      assert.ok(text.includes(`sha256:${digest}`));
      assert.ok(!text.includes(secret));
    }
    assert.equal(keyFileFault(file), undefined);
  });

test("a link is written through", async (t) => {
  const folder = directoryWith(t, { "real.yaml": "keys: []\n" });
  const link = join(folder, "keys.yaml");
  symlinkSync("real.yaml", link);
  const keys = openFileKeys(link, { logger: keepingLogger() });
  t.after(() => keys.close());
  await createKey(keys, givenKey(), { clock });
  assert.match(readFileSync(join(folder, "real.yaml"), "utf8"), /ak_/);
  assert.ok(readdirSync(folder).includes("keys.yaml"));
});

test("a file that is broken is not written over", async (t) => {
  const { file, keys } = opened(t);
  writeFileSync(file, "keys: [");
  await assert.rejects(createKey(keys, givenKey(), { clock }), {
    name: "KeysUnchangeable",
    message: /^mend the file first/,
  });
  assert.equal(readFileSync(file, "utf8"), "keys: [");
});

test("who changes what another holds is told whom to ask", async (t) => {
  const { file, keys } = opened(t);
  writeFileSync(`${file}.lock`, "");
  const message = `somebody is changing ${file}; if nobody is, remove ${file}.lock`;
  await assert.rejects(revokeKey(keys, "ak_aaaa", { clock }), { name: "KeysUnchangeable", message });
});

test(
  "a folder where nothing can be written says so",
  { skip: process.getuid?.() === 0 && "root may write anywhere" },
  async (t) => {
    const { folder, keys } = opened(t);
    chmodSync(folder, 0o500);
    t.after(() => chmodSync(folder, 0o700));
    await assert.rejects(createKey(keys, givenKey(), { clock }), {
      name: "KeysUnchangeable",
      message: /may not write/,
    });
  },
);

test("a file is made where there is none, and not where there is no folder", async (t) => {
  const folder = directoryWith(t, {});
  const file = join(folder, "new.yaml");
  await createKeyFile(file);
  assert.equal(keyFileFault(file), undefined);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const nowhere = join(folder, "no", "folder.yaml");
  await assert.rejects(createKeyFile(nowhere), {
    name: "KeysUnchangeable",
    message: `${nowhere} is in no folder that exists`,
  });
  mkdirSync(join(folder, "dir"));
  await assert.rejects(
    editKeyFile(join(folder, "none.yaml"), (keys) => keys),
    /the file does not exist/,
  );
});

test("a key that was written by hand, with the hash in hex, is known by its secret", async (t) => {
  const secret = createApiKeySecret();
  const hex = Buffer.from(digestOf(secret), "base64url").toString("hex");
  const text = `keys:\n  - id: ak_byhand\n    hash: sha256:${hex}\n    name: by hand\n    owner: me\n    createdAt: 2026-01-01T00:00:00+01:00\n`;
  const { keys } = opened(t, "keys.yaml", text);
  assert.equal((await keys.find(digestOf(secret)))?.owner, "me");
});
