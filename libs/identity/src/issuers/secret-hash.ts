import { hash } from "node:crypto";

const form = /^sha256:(?:([0-9a-f]{64})|([A-Za-z0-9_-]{43}))$/;

/** Whether a text is `sha256:` with a hash in hex or base64url. */
export const isSecretHash = (text: string): boolean => form.test(text);

/** The bytes of a secret's hash. A generated secret needs no slow hash: nobody can guess 128 random bits. */
export function readSecretHash(text: string): Buffer {
  const match = form.exec(text);
  if (!match) throw new TypeError("a secret's hash is sha256: and 64 hex digits, or 43 characters of base64url");
  return match[1] === undefined ? Buffer.from(match[2] ?? "", "base64url") : Buffer.from(match[1], "hex");
}

/** Makes the hash of a generated secret, as it stands in a file. */
export const createSecretHash = (secret: string): string => `sha256:${hash("sha256", secret)}`;
