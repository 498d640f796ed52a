import type { KeyObject } from "node:crypto";

/** Every signature algorithm that an issuer may be allowed; none of them shares a secret, so no public key can pass for one. */
export const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

export type Algorithm = (typeof algorithms)[number];

/** RFC 7518 §3.3: anything shorter can be factored. */
const leastRsaBits = 2048;

const curves: Readonly<Record<string, Algorithm>> = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" };

/** Tells the names of our table from whatever else a header claims. */
export const isAlgorithm = (name: unknown): name is Algorithm => algorithms.some((algorithm) => algorithm === name);

/** Whether a key can carry an algorithm at all: its type, its curve and its length. */
export function suits(
  algorithm: Algorithm,
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject,
): boolean {
  if (type === "rsa") return /^[RP]S/.test(algorithm) && (details?.modulusLength ?? 0) >= leastRsaBits;
  if (type === "ec") return curves[details?.namedCurve ?? ""] === algorithm;
  return type === "ed25519" && algorithm === "EdDSA";
}
