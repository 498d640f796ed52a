import { generateKeyPair, randomBytes, type JsonWebKey, type KeyObject } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { calculateJwkThumbprint } from "jose";
import { readSigningKey } from "./signing-keys.ts";
import { isKeyFile, type JsonFile } from "./watched-directory.ts";

const generate = promisify(generateKeyPair);

/** RS256 for tokens that anyone may have to check, EdDSA for assertions between our tiers, ES256 for tokens to services. */
export type KeyAlgorithm = "RS256" | "EdDSA" | "ES256";

interface KeyFileOptions {
  readonly algorithm: KeyAlgorithm;
  /** Where the public half goes, before the private one is there to sign. */
  readonly publicDirectory?: string | undefined;
  /** Epoch milliseconds: from when on it signs. */
  readonly now?: number;
}

/** Makes a key and puts it into a directory as `<kid>.json`, readable by its owner alone; gives the key id, its RFC 7638 thumbprint. */
export async function createKeyFile(directory: string, options: KeyFileOptions): Promise<string> {
  const { algorithm, publicDirectory, now = Date.now() } = options;
  const key = await generatePrivateKey(algorithm);
  const jwk = key.export({ format: "jwk" });
  const kid = await calculateJwkThumbprint({ ...jwk, kty: jwk.kty ?? "" });
  const json: JsonWebKey = { ...jwk, kid, alg: algorithm, use: "sig", iat: Math.floor(now / 1000) };
  const path = join(directory, `${kid}.json`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // The draft comes first: it tells whoever finds it what an interrupted call has published.
  const draft = await writeDraft(path, json, 0o600);
  try {
    if (publicDirectory !== undefined)
      await publish({ name: basename(path), json, modifiedAt: now }, { algorithm, publicDirectory });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return kid;
}

/** Makes a key only where there is none, and brings the public directory up to date with the keys that there are. */
export async function ensureKeyFile(directory: string, options: KeyFileOptions): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const names = (await readdir(directory)).filter(isKeyFile);
  if (names.length === 0) await createKeyFile(directory, options);
  const { algorithm, publicDirectory } = options;
  if (publicDirectory === undefined) return;
  for (const name of names) {
    const jwk: unknown = JSON.parse(await readFile(join(directory, name), "utf8"));
    await publish({ name, json: jwk, modifiedAt: 0 }, { algorithm, publicDirectory });
  }
}

async function generatePrivateKey(algorithm: KeyAlgorithm): Promise<KeyObject> {
  if (algorithm === "EdDSA") return (await generate("ed25519")).privateKey;
  if (algorithm === "ES256") return (await generate("ec", { namedCurve: "P-256" })).privateKey;
  return (await generate("rsa", { modulusLength: 2048 })).privateKey;
}

async function publish(file: JsonFile, to: { algorithm: KeyAlgorithm; publicDirectory: string }): Promise<void> {
  const { kid, publicJwk } = readSigningKey(file, to.algorithm);
  await mkdir(to.publicDirectory, { recursive: true });
  const path = join(to.publicDirectory, `${kid}.json`);
  await rename(await writeDraft(path, publicJwk, 0o644), path);
}

/** Nobody ever sees half a file: it gets its name only when it is whole and on the disk. */
async function writeDraft(path: string, json: JsonWebKey, mode: number): Promise<string> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.draft`);
  const file = await open(draft, "wx", mode);
  try {
    await giveToOwner(file, dirname(path));
    await file.writeFile(`${JSON.stringify(json, undefined, 2)}\n`);
    await file.sync();
    return draft;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Root may make a key for a gateway that is not root, and must not lock it out. */
async function giveToOwner(file: FileHandle, directory: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(directory);
  await file.chown(uid, gid);
}

const draftForm = /^\.([\w-]{43})\.json\.[0-9a-f]{12}\.draft$/;

/** The id of the key whose making was interrupted, where a file is what that leaves behind. */
export const draftOf = (name: string): string | undefined => draftForm.exec(name)?.[1];
