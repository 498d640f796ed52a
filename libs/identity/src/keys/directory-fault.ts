import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readText } from "@tandem/platform/read-text";
import type { Algorithm } from "../jose/algorithm.ts";
import { UnusableKey } from "../jose/verification-key.ts";
import { readPublicKey } from "./public-keys.ts";
import { readSigningKey } from "./signing-keys.ts";
import { Forbidden, isKeyFile, type JsonFile } from "./watched-directory.ts";

const largestKey = 65_536;

/** Why nobody could start with this directory of private keys, as a sentence that names it; nothing where one could. */
export const signingKeysFault = (directory: string, algorithm: Algorithm): string | undefined =>
  faultOf(directory, (file) => readSigningKey(file, algorithm));

/** The same for a directory of public keys. */
export const publicKeysFault = (directory: string, algorithm: Algorithm): string | undefined =>
  faultOf(directory, (file) => readPublicKey(file, algorithm));

function faultOf(directory: string, read: (file: JsonFile) => object): string | undefined {
  const names = namesIn(directory);
  if (typeof names === "string") return `${directory} ${names}`;
  const faults = names.map((name) => fileFault(directory, name, read));
  const forbidden = faults.find((fault) => fault instanceof Forbidden);
  if (forbidden) return `${directory}: ${forbidden.message}`;
  if (faults.includes(undefined)) return undefined;
  const [first] = faults.flatMap((fault, at) => (fault ? [`; ${names[at]}: ${fault.message}`] : []));
  return `${directory} holds no usable key file (*.json)${first ?? ""}`;
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

function fileFault(directory: string, name: string, read: (file: JsonFile) => object): Error | undefined {
  const text = readText(join(directory, name), { limit: largestKey });
  if (!text.ok) return new UnusableKey(`it ${text.why}`);
  try {
    read({ name, json: JSON.parse(text.text), modifiedAt: 0 });
    return undefined;
  } catch (error) {
    // A parser's own words would show what the file holds.
    return error instanceof Error && !(error instanceof SyntaxError) ? error : new UnusableKey("it is not JSON");
  }
}
