import { hash } from "node:crypto";

/** The `x5t#S256` of a certificate (RFC 8705): what an assertion names its holder by. Takes the certificate as DER. */
export function thumbprint(der: Uint8Array): string {
  return hash("sha256", der, "base64url");
}
