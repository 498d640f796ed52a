import { hash } from "node:crypto";

/** What a thumbprint is made of, in the order of the alphabet (RFC 7638 §3.2, RFC 8037 §2). */
const members: Readonly<Record<string, readonly string[]>> = {
  EC: ["crv", "kty", "x", "y"],
  OKP: ["crv", "kty", "x"],
  RSA: ["e", "kty", "n"],
};

/** The SHA-256 thumbprint of a public JWK, the `jkt` of a token that is bound to it; undefined where a member is missing. */
export function jwkThumbprint(jwk: Readonly<Record<string, unknown>>): string | undefined {
  const { kty } = jwk;
  const names = typeof kty === "string" && Object.hasOwn(members, kty) ? members[kty] : undefined;
  if (!names?.every((name) => typeof jwk[name] === "string")) return undefined;
  const canonical = JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]])));
  return hash("sha256", canonical, "base64url");
}
