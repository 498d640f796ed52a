import { hash } from "node:crypto";

/**
 * What a token is taken back by: the SHA-256, in base64url, of its text up to its signature. Whoever holds a token signed with
 * ECDSA can give it another signature that is just as good, so a digest of the whole would name only one of two.
 */
export function tokenDigest(text: string): string {
  const dot = text.lastIndexOf(".");
  return hash("sha256", dot < 0 ? text : text.slice(0, dot), "base64url");
}
