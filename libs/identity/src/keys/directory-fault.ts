import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readText } from "@tandem/platform/read-text";
import type { Algorithm } from "../jose/algorithm.ts";
import { UnusableKey } from "../jose/verification-key.ts";
import { readPublicKey } from "./public-keys.ts";
import { inForce, newestFirst, readSigningKey } from "./signing-keys.ts";
import { Forbidden, isKeyFile, type JsonFile } from "./watched-directory.ts";

const largestKey = 65_536;

/** Why nobody could start with this directory of private keys, as a sentence that names it; nothing where one could. */
export const signingKeysFault = (directory: string, algorithm: Algorithm): string | undefined =>
  faultOf(directory, (file) => readSigningKey(file, algorithm));

/** The same for a directory of public keys. */
export const publicKeysFault = (directory: string, algorithm: Algorithm): string | undefined =>
  faultOf(directory, (file) => readPublicKey(file, algorithm));

/** Why keys could not be rotated where their public halves go: whoever verifies must find there what signs now. */
export function publishingFault(directory: string, publicDirectory: string, algorithm: Algorithm): string | undefined {
  const fault = publicKeysFault(publicDirectory, algorithm) ?? unwritableFault(publicDirectory);
  if (fault !== undefined) return fault;
  const signing = inForce(
    goodIn(directory, (file) => readSigningKey(file, algorithm)).toSorted(newestFirst),
    Date.now(),
  );
  const known = goodIn(publicDirectory, (file) => readPublicKey(file, algorithm));
  if (!signing || known.some(({ kid }) => kid === signing.kid)) return undefined;
  return `${publicDirectory} does not hold the public half of ${signing.kid}, which signs now`;
}

/** Why this process could not put a key into a directory. */
export function unwritableFault(directory: string): string | undefined {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return `${directory} does not exist`;
    return code === "EROFS" ? `${directory} is read-only` : `${directory} may not be written by this process`;
  }
}

function faultOf(directory: string, read: (file: JsonFile) => object): string | undefined {
  const names = namesIn(directory);
  if (typeof names === "string") return `${directory} ${names}`;
  const found = names.map((name) => readOne(directory, name, read));
  const forbidden = found.find((one) => one instanceof Forbidden);
  if (forbidden) return `${directory}: ${forbidden.message}`;
  if (found.some((one) => !(one instanceof Error))) return undefined;
  const [first] = found.flatMap((one, at) => (one instanceof Error ? [`; ${names[at]}: ${one.message}`] : []));
  return `${directory} holds no usable key file (*.json)${first ?? ""}`;
}

function goodIn<Key extends object>(directory: string, read: (file: JsonFile) => Key): readonly Key[] {
  const names = namesIn(directory);
  if (typeof names === "string") return [];
  return names.map((name) => readOne(directory, name, read)).filter((one): one is Key => !(one instanceof Error));
}

function namesIn(directory: string): readonly string[] | string {
  try {
    return readdirSync(directory).filter(isKeyFile).toSorted();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return "does not exist";
    if (code === "ENOTDIR") return "is no directory";
    return code === "EACCES" ? "may not be read by this process" : `cannot be read (${String(code)})`;
  }
}

function readOne<Key extends object>(directory: string, name: string, read: (file: JsonFile) => Key): Key | Error {
  const path = join(directory, name);
  const text = readText(path, { limit: largestKey });
  if (!text.ok) return new UnusableKey(`it ${text.why}`);
  try {
    return read({ name, json: JSON.parse(text.text), modifiedAt: statSync(path).mtimeMs });
  } catch (error) {
    // A parser's own words would show what the file holds.
    return error instanceof Error && !(error instanceof SyntaxError) ? error : new UnusableKey("it is not JSON");
  }
}
