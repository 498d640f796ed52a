import { createHash, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import {
  addressBytes,
  bitString,
  boolean,
  element,
  explicit,
  implicit,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  unsignedInteger,
  utf8String,
} from "./der.ts";

/** What a certificate is for: to sign others, to be a server, or to be a client. */
export type CertificateUsage = "authority" | "server" | "client";

/** All that a certificate states, and the key that vouches for it. */
export interface CertificateParts {
  /** A common name, or a whole name as it is encoded. */
  readonly subject: string | Buffer;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly usage: CertificateUsage;
  /** Host names and addresses, or alternative names of any kind as they are encoded. */
  readonly names: readonly (string | Buffer)[];
  readonly publicKey: KeyObject;
  readonly issuerPublicKey: KeyObject;
  readonly issuerPrivateKey: KeyObject;
}

const ecdsaWithSha256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));

/** Signs an X.509 v3 certificate (RFC 5280) over a P-256 key, and gives it as PEM. */
export function signCertificate(parts: CertificateParts): string {
  const statement = sequence(
    explicit(0, unsignedInteger(Buffer.from([2]))),
    unsignedInteger(serialNumber()),
    ecdsaWithSha256,
    commonName(parts.issuer),
    sequence(time(parts.notBefore), time(parts.notAfter)),
    typeof parts.subject === "string" ? commonName(parts.subject) : parts.subject,
    parts.publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(...extensionsOf(parts))),
  );
  const signature = sign("sha256", statement, parts.issuerPrivateKey);
  const base64 = sequence(statement, ecdsaWithSha256, bitString(signature)).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
}

function extensionsOf({ usage, names, publicKey, issuerPublicKey }: CertificateParts): Buffer[] {
  const authority = usage === "authority";
  const extensions = [
    // An authority may sign leaves and no further authority.
    extension("2.5.29.19", sequence(...(authority ? [boolean(true), unsignedInteger(Buffer.from([0]))] : [])), true),
    // Bits from the left: keyCertSign and cRLSign are the sixth and seventh, digitalSignature is the first.
    extension("2.5.29.15", authority ? bitString(Buffer.from([0x06]), 1) : bitString(Buffer.from([0x80]), 7), true),
    extension("2.5.29.14", octetString(keyIdentifier(publicKey))),
    extension("2.5.29.35", sequence(implicit(0, keyIdentifier(issuerPublicKey)))),
  ];
  if (!authority)
    extensions.push(
      extension(
        "2.5.29.37",
        sequence(objectIdentifier(usage === "server" ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")),
      ),
    );
  if (names.length > 0) extensions.push(extension("2.5.29.17", sequence(...names.map(alternativeName))));
  return extensions;
}

const extension = (id: string, value: Uint8Array, critical = false): Buffer =>
  sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value));

function alternativeName(name: string | Buffer): Buffer {
  if (typeof name !== "string") return name;
  return isIP(name) ? element(0x87, addressBytes(name)) : element(0x82, Buffer.from(name, "ascii"));
}

const commonName = (name: string): Buffer => sequence(set(sequence(objectIdentifier("2.5.4.3"), utf8String(name))));

/** RFC 7093, method 1: the left 160 bits of the SHA-256 of the key's point, which ends the SPKI of a P-256 key. */
function keyIdentifier(key: KeyObject): Buffer {
  const point = key.export({ type: "spki", format: "der" }).subarray(-65);
  return createHash("sha256").update(point).digest().subarray(0, 20);
}

function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}
