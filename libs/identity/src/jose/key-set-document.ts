import type { Algorithm } from "./algorithm.ts";
import { UnusableKey, verificationKey, type VerificationKey } from "./verification-key.ts";

/** Nobody needs more keys at once, and each one costs an import. */
const mostKeys = 100;

/** What a JWKS held: the keys that can be used, and why the others cannot. */
export interface KeySetDocument {
  readonly keys: readonly VerificationKey[];
  readonly unusable: readonly string[];
}

/** Reads a JWKS (RFC 7517 §5). Keys that we cannot use are passed over, as the RFC asks; a set without any other is an error. */
export function readKeySetDocument(text: string, allowed: readonly Algorithm[]): KeySetDocument {
  const document: unknown = JSON.parse(text);
  const found = typeof document === "object" && document !== null && "keys" in document ? document.keys : undefined;
  if (!Array.isArray(found)) throw new Error("it is not a JWKS: it has no list of keys");
  if (found.length > mostKeys) throw new Error(`it holds more than ${mostKeys} keys`);
  const keys: VerificationKey[] = [];
  const unusable: string[] = [];
  for (const [index, jwk] of found.entries()) {
    try {
      keys.push(verificationKey(jwk, allowed));
    } catch (error) {
      if (!(error instanceof UnusableKey)) throw error;
      unusable.push(`key ${index + 1}: ${error.message}`);
    }
  }
  if (keys.length === 0) throw new Error(`it holds no usable key${unusable[0] ? `; ${unusable[0]}` : ""}`);
  return { keys, unusable };
}
