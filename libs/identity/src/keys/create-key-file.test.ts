import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createKeyFile, draftOf, ensureKeyFile } from "./create-key-file.ts";
import { emptyDirectory } from "./testing.ts";

const readJwk = async (directory: string, kid: string) =>
  JSON.parse(await readFile(join(directory, `${kid}.json`), "utf8"));

test("a key for tokens is RSA of 2048 bits, named for RS256 and for its thumbprint", async (t) => {
  const directory = await emptyDirectory(t);
  const kid = await createKeyFile(directory, { algorithm: "RS256", now: 1_700_000_000_500 });
  const jwk = await readJwk(directory, kid);
  assert.equal(createPublicKey({ key: jwk, format: "jwk" }).asymmetricKeyDetails?.modulusLength, 2048);
  assert.deepEqual(
    { alg: jwk.alg, use: jwk.use, kid: jwk.kid, iat: jwk.iat },
    { alg: "RS256", use: "sig", kid, iat: 1_700_000_000 },
  );
  assert.match(kid, /^[A-Za-z0-9_-]{43}$/);
});

test("nobody but the owner reads a private key, and no draft is left beside it", async (t) => {
  const directory = await emptyDirectory(t);
  const kid = await createKeyFile(directory, { algorithm: "EdDSA" });
  assert.equal((await stat(join(directory, `${kid}.json`))).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(directory), [`${kid}.json`]);
});

test("the public half goes to its own directory, without a private number", async (t) => {
  const [directory, publicDirectory] = [await emptyDirectory(t), join(await emptyDirectory(t), "public")];
  const kid = await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory });
  const jwk = await readJwk(publicDirectory, kid);
  assert.deepEqual(Object.keys(jwk).toSorted(), ["alg", "crv", "kid", "kty", "use", "x"]);
  assert.equal(jwk.x, (await readJwk(directory, kid)).x);
});

test("a second call makes no second key", async (t) => {
  const [directory, publicDirectory] = [await emptyDirectory(t), await emptyDirectory(t)];
  await ensureKeyFile(directory, { algorithm: "EdDSA", publicDirectory });
  const first = await readdir(directory);
  await ensureKeyFile(directory, { algorithm: "EdDSA", publicDirectory });
  assert.deepEqual(await readdir(directory), first);
  assert.deepEqual(await readdir(publicDirectory), first);
});

test("a public directory that was lost is filled again", async (t) => {
  const [directory, publicDirectory] = [await emptyDirectory(t), join(await emptyDirectory(t), "new")];
  const kid = await createKeyFile(directory, { algorithm: "RS256" });
  await ensureKeyFile(directory, { algorithm: "RS256", publicDirectory });
  assert.deepEqual(await readdir(publicDirectory), [`${kid}.json`]);
});

test("a key file that cannot be read stops ensureKeyFile, instead of leaving its public half out", async (t) => {
  const directory = await emptyDirectory(t);
  await writeFile(join(directory, "broken.json"), "{");
  const options = { algorithm: "EdDSA", publicDirectory: await emptyDirectory(t) } as const;
  await assert.rejects(ensureKeyFile(directory, options), SyntaxError);
});

test("where the public half cannot be written no key is made, and no draft is left", async (t) => {
  const directory = await emptyDirectory(t);
  const file = join(await emptyDirectory(t), "file");
  await writeFile(file, "x");
  await assert.rejects(createKeyFile(directory, { algorithm: "EdDSA", publicDirectory: join(file, "below") }));
  assert.deepEqual(await readdir(directory), []);
});

test("the draft of a key tells its id, and no other file does", () => {
  assert.equal(draftOf(`.${"k".repeat(43)}.json.0123456789ab.draft`), "k".repeat(43));
  for (const other of [`${"k".repeat(43)}.json`, ".rotation.lock", `.${"k".repeat(43)}.json.draft`, "notes.draft"])
    assert.equal(draftOf(other), undefined);
});
