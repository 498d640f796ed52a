import { hash, randomBytes } from "node:crypto";
import { createMarkedSecret, isMarkedSecret } from "../marked-secret.ts";

const form = /^(tdm(?:_[a-z0-9]{1,16})?)_[0-9A-Za-z]{49}$/;

/** Makes the secret of a key; whoever is shown it is the only one ever to have it. */
export const createApiKeySecret = (label?: string): string =>
  createMarkedSecret(label === undefined ? "tdm" : `tdm_${label}`);

/** Tells whether a text could be the secret of a key, without asking whether it is one. */
export function isApiKeySecret(text: string): boolean {
  const prefix = form.exec(text)?.[1];
  return prefix !== undefined && isMarkedSecret(text, prefix);
}

/** What is kept of a secret, in base64url. Nobody can guess 256 random bits, so a slow hash would protect from nothing. */
export const digestOf = (secret: string): string => hash("sha256", secret, "base64url");

const letters = "abcdefghijklmnopqrstuvwxyz234567";

/** The public name of a key, short enough to be typed. */
export function createKeyId(): string {
  let id = "ak_";
  for (const byte of randomBytes(12)) id += letters.charAt(byte & 31);
  return id;
}
