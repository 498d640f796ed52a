import { constants, createPublicKey, verify, type JsonWebKey, type KeyObject } from "node:crypto";
import { algorithms, isAlgorithm, suits, type Algorithm } from "./algorithm.ts";

/** A public key that checks one algorithm and no other (RFC 8725 §3.1). */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
}

/** The JWK cannot be used here; the message says why and holds nothing of the key. */
export class UnusableKey extends Error {}

/**
 * Makes a public JWK a key. Its `alg` is the pin; a key without one is pinned to the first of the allowed algorithms that
 * its type can carry.
 */
export function verificationKey(jwk: unknown, allowed: readonly Algorithm[] = algorithms): VerificationKey {
  if (!isJwk(jwk)) throw new UnusableKey("it is not a JWK");
  const { kid, alg, use, key_ops: operations } = jwk;
  if (jwk.kty === "oct") throw new UnusableKey("a shared secret is not accepted");
  if (use !== undefined && use !== "sig") throw new UnusableKey("it is not meant for signatures");
  if (Array.isArray(operations) && !operations.includes("verify"))
    throw new UnusableKey("it is not meant to verify signatures");
  if (kid !== undefined && (typeof kid !== "string" || kid === "" || kid.length > 256))
    throw new UnusableKey("its key id is not a short text");
  const key = importPublic(jwk);
  const algorithm = alg === undefined ? allowed.find((candidate) => suits(candidate, key)) : alg;
  if (!isAlgorithm(algorithm) || !allowed.includes(algorithm) || !suits(algorithm, key))
    throw new UnusableKey("its algorithm is not accepted, or it is too short for it");
  return { kid, algorithm, key };
}

/** The keys that a token may mean: those of its id, or all of them where it names none. */
export function candidates(keys: readonly VerificationKey[], kid: unknown): readonly VerificationKey[] {
  return kid === undefined ? keys : keys.filter((key) => key.kid === kid);
}

/** Checks a signature of any of our algorithms; those of tokens, but for Ed25519, are checked by passport-jwt. */
export function isSignedBy(by: VerificationKey, signingInput: string, signature: Buffer): boolean {
  const { algorithm, key } = by;
  const signed = Buffer.from(signingInput);
  if (algorithm === "EdDSA") return verify(null, signed, key, signature);
  if (signature.length !== signatureLength(by)) return false;
  const digest = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith("ES")) return verify(digest, signed, { key, dsaEncoding: "ieee-p1363" }, signature);
  if (algorithm.startsWith("RS")) return verify(digest, signed, key, signature);
  // RFC 7518 §3.5: the salt is as long as the hash, and no other length is taken.
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return verify(digest, signed, { key, ...pss }, signature);
}

/** Bytes of a signature in a JWS, the only right number of them (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1). */
export const signatureLength = ({ algorithm, key }: VerificationKey): number =>
  fixedLengths[algorithm] ?? Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);

const fixedLengths: { readonly [name in Algorithm]?: number } = { ES256: 64, ES384: 96, ES512: 132, EdDSA: 64 };

function importPublic(jwk: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch (cause) {
    throw new UnusableKey("it is not a public key of a known type", { cause });
  }
}

const isJwk = (value: unknown): value is JsonWebKey & { readonly alg?: unknown; readonly kid?: unknown } =>
  typeof value === "object" && value !== null && "kty" in value && typeof value.kty === "string";
