import assert from "node:assert/strict";
import { copyFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { createKeyFile } from "./create-key-file.ts";
import { emptyDirectory, eventually, keepingLogger } from "./testing.ts";
import { openPublicKeys } from "./public-keys.ts";
import { openSigningKeys, type SigningKeys } from "./signing-keys.ts";

const options = { algorithm: "EdDSA", logger: silentLogger, interval: 20 } as const;

async function open(t: TestContext, directory: string, more: object = {}): Promise<SigningKeys> {
  const keys = await openSigningKeys(directory, { ...options, ...more });
  t.after(() => keys.close());
  return keys;
}

const kidsOf = (keys: SigningKeys): (string | undefined)[] => keys.keys().map(({ kid }) => kid);

test("of several keys the newest signs and all verify", async (t) => {
  const directory = await emptyDirectory(t);
  const newer = await createKeyFile(directory, { algorithm: "EdDSA", now: 2_000_000 });
  const older = await createKeyFile(directory, { algorithm: "EdDSA", now: 1_000_000 });
  const keys = await open(t, directory);
  assert.equal(keys.newest.kid, newer);
  assert.deepEqual(kidsOf(keys), [newer, older]);
  assert.equal(keys.newest.publicJwk.d, undefined);
});

test("a rotation is followed by itself, and everyone who asked is told", async (t) => {
  const directory = await emptyDirectory(t);
  const first = await createKeyFile(directory, { algorithm: "EdDSA", now: 1_000_000 });
  const keys = await open(t, directory);
  let changes = 0;
  keys.onChange(() => changes++);
  const second = await createKeyFile(directory, { algorithm: "EdDSA", now: 2_000_000 });
  await eventually(() => keys.newest.kid === second);
  assert.deepEqual(kidsOf(keys), [second, first]);
  await rm(join(directory, `${first}.json`));
  await eventually(() => keys.keys().length === 1);
  assert.deepEqual(kidsOf(keys), [second]);
  assert.equal(changes, 2);
});

test("with its own pace a rotation is followed within two seconds", async (t) => {
  const directory = await emptyDirectory(t);
  await createKeyFile(directory, { algorithm: "EdDSA", now: 1_000_000 });
  const keys = await openSigningKeys(directory, { algorithm: "EdDSA", logger: silentLogger });
  t.after(() => keys.close());
  const second = await createKeyFile(directory, { algorithm: "EdDSA", now: 2_000_000 });
  await eventually(() => keys.newest.kid === second);
});

test("who asks for newer keys has everything that was there when asking", async (t) => {
  const directory = await emptyDirectory(t);
  await createKeyFile(directory, { algorithm: "EdDSA" });
  const keys = await open(t, directory, { interval: 100_000 });
  for (let round = 0; round < 3; round++) {
    const kid = await createKeyFile(directory, { algorithm: "EdDSA" });
    const renewed = await Promise.all([keys.renew(), keys.renew()]);
    for (const list of renewed) assert.ok(list.some((key) => key.kid === kid));
  }
});

test("a broken file is reported by name, its content is not, and the others work on", async (t) => {
  const directory = await emptyDirectory(t);
  const kid = await createKeyFile(directory, { algorithm: "EdDSA" });
  await writeFile(join(directory, "broken.json"), '{"d":"very secret');
  const { logger, lines } = keepingLogger();
  const keys = await open(t, directory, { logger });
  assert.deepEqual(kidsOf(keys), [kid]);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /warn: .*broken\.json is left out: it is not JSON/);
  assert.doesNotMatch(lines[0]!, /secret/);
});

test("a key whose file breaks works on until the file is whole or gone", async (t) => {
  const directory = await emptyDirectory(t);
  const kid = await createKeyFile(directory, { algorithm: "EdDSA" });
  const spare = await createKeyFile(directory, { algorithm: "EdDSA", now: 1_000_000 });
  const { logger, lines } = keepingLogger();
  const keys = await open(t, directory, { logger });
  await writeFile(join(directory, `${kid}.json`), "{");
  await eventually(() => lines.length === 1);
  assert.deepEqual(kidsOf(keys), [kid, spare]);
  await rm(join(directory, `${kid}.json`));
  await eventually(() => keys.keys().length === 1);
});

test("a key of another algorithm, a public key and a list are no keys to sign with", async (t) => {
  const directory = await emptyDirectory(t);
  const kid = await createKeyFile(directory, { algorithm: "EdDSA" });
  await createKeyFile(directory, { algorithm: "RS256" });
  await writeFile(join(directory, "public.json"), '{"kty":"OKP","crv":"Ed25519","x":"AAAA"}');
  await writeFile(join(directory, "list.json"), "[]");
  const { logger, lines } = keepingLogger();
  const keys = await open(t, directory, { logger });
  assert.deepEqual(kidsOf(keys), [kid]);
  assert.equal(lines.length, 3);
});

test("drafts and other files are not looked at", async (t) => {
  const directory = await emptyDirectory(t);
  await createKeyFile(directory, { algorithm: "EdDSA" });
  for (const name of [".draft.json", "notes.txt", "key.json.tmp"]) await writeFile(join(directory, name), "{");
  const { logger, lines } = keepingLogger();
  await open(t, directory, { logger });
  assert.deepEqual(lines, []);
});

test("an empty directory and a missing one do not start", async (t) => {
  const directory = await emptyDirectory(t);
  await assert.rejects(open(t, directory), /holds no usable key file/);
  await assert.rejects(open(t, join(directory, "missing")), /ENOENT/);
});

test("a directory that vanishes leaves the last keys in use, and says so once", async (t) => {
  const directory = await emptyDirectory(t);
  const kid = await createKeyFile(directory, { algorithm: "EdDSA", now: 1_000_000 });
  const { logger, lines } = keepingLogger();
  const keys = await open(t, directory, { logger });
  await rename(directory, `${directory}-away`);
  t.after(() => rm(`${directory}-away`, { recursive: true, force: true }));
  await eventually(() => lines.length > 0);
  await keys.renew();
  assert.deepEqual(kidsOf(keys), [kid]);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /the keys read before stay in use/);
  await rename(`${directory}-away`, directory);
  const next = await createKeyFile(directory, { algorithm: "EdDSA", now: 2_000_000 });
  await eventually(() => keys.newest.kid === next);
});

test("public keys are read without private ones, and followed", async (t) => {
  const [directory, publicDirectory] = [await emptyDirectory(t), await emptyDirectory(t)];
  const kid = await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory });
  const source = await openPublicKeys(publicDirectory, options);
  t.after(() => source.close());
  assert.deepEqual(
    (await source.keys()).map((key) => key.kid),
    [kid],
  );
  const next = await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory });
  assert.ok((await source.renew()).some((key) => key.kid === next));
});

test("a private key among the public ones does not start", async (t) => {
  const [directory, publicDirectory] = [await emptyDirectory(t), await emptyDirectory(t)];
  const kid = await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory });
  await copyFile(join(directory, `${kid}.json`), join(publicDirectory, "stray.json"));
  await assert.rejects(openPublicKeys(publicDirectory, options), /stray\.json holds a private key/);
});

test("a private key that comes to the public ones later is an error line and no key", async (t) => {
  const [directory, publicDirectory] = [await emptyDirectory(t), await emptyDirectory(t)];
  const kid = await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory });
  const { logger, lines } = keepingLogger();
  const source = await openPublicKeys(publicDirectory, { ...options, logger });
  t.after(() => source.close());
  const stray = await createKeyFile(publicDirectory, { algorithm: "EdDSA" });
  await eventually(() => lines.length > 0);
  assert.match(lines[0]!, /error: .*holds a private key/);
  assert.deepEqual(
    (await source.keys()).map((key) => key.kid),
    [kid],
  );
  assert.ok((await readdir(publicDirectory)).includes(`${stray}.json`));
});
