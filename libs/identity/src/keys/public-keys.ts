import type { Logger } from "@tandem/platform/log/logger";
import type { Algorithm } from "../jose/algorithm.ts";
import { verificationKey, type VerificationKey } from "../jose/verification-key.ts";
import type { KeySource } from "./key-source.ts";
import { Forbidden, WatchedDirectory, type JsonFile } from "./watched-directory.ts";

interface PublicKeyOptions {
  /** Keys of another algorithm are reported and left out. */
  readonly algorithm: Algorithm;
  readonly logger: Logger;
  readonly interval?: number;
}

/** What only a private or a shared key has (RFC 7518 §6). */
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/**
 * Opens a directory of public JWK files, one file a key, and follows it. A private key among them does not start: whoever
 * can read it here could vouch for anyone.
 */
export async function openPublicKeys(directory: string, options: PublicKeyOptions): Promise<KeySource> {
  const read = (file: JsonFile): VerificationKey => readPublicKey(file, options.algorithm);
  const watched = await WatchedDirectory.open(directory, { ...options, read });
  return {
    keys: () => watched.entries,
    renew: () => watched.lookAgain().then(() => watched.entries),
    onChange: (listener) => watched.onChange(listener),
    close: () => watched.close(),
  };
}

/** Reads one public JWK file; throws what is wrong with it, and `Forbidden` when it holds more than a public key. */
export function readPublicKey({ name, json }: JsonFile, algorithm: Algorithm): VerificationKey {
  if (privateMemberOf(json) !== undefined)
    throw new Forbidden(`${name} holds a private key, in a directory that must only hold public ones; move it away`);
  const key = verificationKey(json, [algorithm]);
  return key.kid === undefined ? { ...key, kid: name.slice(0, -".json".length) } : key;
}

/** What of a JWK nobody but its owner may have. */
export const privateMemberOf = (jwk: unknown): string | undefined =>
  typeof jwk === "object" && jwk !== null ? privateMembers.find((member) => member in jwk) : undefined;
