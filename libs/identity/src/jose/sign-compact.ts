import { sign, type KeyObject } from "node:crypto";

/** The header of what we sign ourselves, at once and on this thread: both algorithms are fast. */
interface SignedHeader {
  readonly alg: "EdDSA" | "ES256";
  readonly typ: string;
  readonly kid: string;
}

/** Signs claims into the compact form of a JWS (RFC 7515 §7.1). */
export function signCompact(header: SignedHeader, claims: object, privateKey: KeyObject): string {
  const input = `${part(header)}.${part(claims)}`;
  const digest = header.alg === "EdDSA" ? null : "sha256";
  const signature = sign(digest, Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${input}.${signature.toString("base64url")}`;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
