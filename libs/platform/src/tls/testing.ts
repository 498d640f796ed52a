import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from "node:crypto";
import { signCertificate } from "./certificate.ts";
import {
  addressBytes,
  bitString,
  element,
  objectIdentifier,
  sequence,
  set,
  time,
  unsignedInteger,
  utf8String,
} from "./der.ts";
import type { KeyedCertificate } from "./development-ca.ts";

/** What a certificate of a test says of its holder; a Buffer is the value as it is encoded. */
export interface Said {
  /** In order, each in a part of its own; OID and value. */
  readonly subject?: readonly (readonly [name: "CN" | "O" | "OU" | "C", value: string | Buffer])[];
  readonly uri?: readonly string[];
  readonly dns?: readonly string[];
  readonly email?: readonly string[];
  readonly ip?: readonly string[];
  /** Further alternative names, as they are encoded. */
  readonly others?: readonly Buffer[];
  readonly usage?: "client" | "server";
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const identifiers = { CN: "2.5.4.3", O: "2.5.4.10", OU: "2.5.4.11", C: "2.5.4.6" };
const day = 86_400_000;

/** Issues a client certificate that says what no development authority would: for tests of those who read it. */
export function certificateSaying(authority: KeyedCertificate, said: Said): KeyedCertificate {
  const { subject = [], uri = [], dns = [], email = [], ip = [], others = [], usage = "client" } = said;
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuerPrivateKey = createPrivateKey(authority.key);
  const parts = subject.map(([name, value]) =>
    set(sequence(objectIdentifier(identifiers[name]), typeof value === "string" ? utf8String(value) : value)),
  );
  const certificate = signCertificate({
    subject: sequence(...parts),
    issuer: commonNameOf(authority),
    notBefore: said.notBefore ?? new Date(Date.now() - 300_000),
    notAfter: said.notAfter ?? new Date(Date.now() + day),
    usage,
    names: [
      ...named(0x81, email),
      ...named(0x82, dns),
      ...named(0x86, uri),
      ...ip.map((address) => element(0x87, addressBytes(address))),
      ...others,
    ],
    publicKey,
    issuerPublicKey: createPublicKey(issuerPrivateKey),
    issuerPrivateKey,
  });
  return { certificate, key: pemOf(privateKey) };
}

const named = (tag: number, texts: readonly string[]): Buffer[] =>
  texts.map((text) => element(tag, Buffer.from(text, "latin1")));

/** A list in which an authority takes certificates back, good for a day unless it says otherwise. */
export function revocationList(
  authority: KeyedCertificate,
  revoked: readonly KeyedCertificate[],
  { nextUpdate = new Date(Date.now() + day) }: { readonly nextUpdate?: Date } = {},
): string {
  const at = time(new Date(nextUpdate.getTime() - 2 * day));
  const entries = revoked.map(({ certificate }) => {
    const serial = Buffer.from(new X509Certificate(certificate).serialNumber, "hex");
    return sequence(unsignedInteger(serial), at);
  });
  const algorithm = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
  const issuer = sequence(set(sequence(objectIdentifier(identifiers.CN), utf8String(commonNameOf(authority)))));
  const listed = entries.length > 0 ? [sequence(...entries)] : [];
  const version = unsignedInteger(Buffer.from([1]));
  const statement = sequence(version, algorithm, issuer, at, time(nextUpdate), ...listed);
  const signature = bitString(sign("sha256", statement, createPrivateKey(authority.key)));
  const base64 = sequence(statement, algorithm, signature).toString("base64");
  return `-----BEGIN X509 CRL-----\n${base64.replaceAll(/.{1,64}/g, "$&\n")}-----END X509 CRL-----\n`;
}

const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

function commonNameOf({ certificate }: KeyedCertificate): string {
  const { CN } = new X509Certificate(certificate).toLegacyObject().subject;
  if (typeof CN !== "string") throw new TypeError("an authority of a test has one common name");
  return CN;
}
