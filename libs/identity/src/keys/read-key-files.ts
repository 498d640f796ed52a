import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { KeyAlgorithm } from "./create-key-file.ts";
import type { DatedKey } from "./plan-rotation.ts";
import { readPublicKey } from "./public-keys.ts";
import { codeOf, RotationError } from "./rotation-error.ts";
import { newestFirst, readSigningKey } from "./signing-keys.ts";
import { isKeyFile, type JsonFile } from "./watched-directory.ts";

/** A private key, and the name of its file. */
export interface KeyFile extends DatedKey {
  readonly name: string;
}

/** The private keys of a directory, `newestFirst`, each one time. Rejects where there are files and none is usable. */
export async function readKeyFiles(directory: string, algorithm: KeyAlgorithm): Promise<readonly KeyFile[]> {
  const names = (await readdir(directory)).filter(isKeyFile).toSorted();
  const found = await Promise.all(
    names.map((name) => readOne(directory, name, (file) => readSigningKey(file, algorithm))),
  );
  const keys = found.flatMap((key, at) => (key ? [{ name: names[at]!, kid: key.kid, signsFrom: key.signsFrom }] : []));
  if (keys.length === 0 && names.length > 0)
    throw new RotationError(`${directory} holds no usable key file for ${algorithm}`);
  const seen = new Set<string>();
  return keys.toSorted(newestFirst).filter(({ kid }) => !seen.has(kid) && seen.add(kid));
}

/** What the keys of a directory sign with; several where they are mixed. */
export async function algorithmsIn(directory: string): Promise<readonly KeyAlgorithm[]> {
  const known: readonly KeyAlgorithm[] = ["RS256", "ES256", "EdDSA"];
  const found = await Promise.all(known.map((algorithm) => readKeyFiles(directory, algorithm).catch(noneOf)));
  return known.filter((_, at) => found[at]!.length > 0);
}

function noneOf(error: unknown): readonly KeyFile[] {
  if (error instanceof RotationError) return [];
  throw error;
}

/** Rejects unless a directory is one in which whoever verifies finds this key. */
export async function assertPublished(kid: string, directory: string, algorithm: KeyAlgorithm): Promise<void> {
  const names = (await readdir(directory)).filter(isKeyFile);
  const found = await Promise.all(
    names.map((name) => readOne(directory, name, (file) => readPublicKey(file, algorithm))),
  );
  if (!found.some((key) => key?.kid === kid))
    throw new RotationError(
      `${directory} does not hold the public half of ${kid}, which signs now: it must be the directory that the routing tier reads`,
    );
}

/** Nothing where a file is no key, or was removed since it was listed. */
async function readOne<Key>(directory: string, name: string, read: (file: JsonFile) => Key): Promise<Key | undefined> {
  const path = join(directory, name);
  let file: JsonFile;
  try {
    const [{ mtimeMs }, text] = [await stat(path), await readFile(path, "utf8")];
    file = { name, json: JSON.parse(text), modifiedAt: mtimeMs };
  } catch (error) {
    if (codeOf(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
  try {
    return read(file);
  } catch {
    // Whoever follows the directory reports it by name; a rotation leaves alone what it does not know.
    return undefined;
  }
}
