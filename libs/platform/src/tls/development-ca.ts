import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { signCertificate } from "./certificate.ts";

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

interface AuthorityOptions {
  readonly days?: number;
  readonly now?: Date;
}

interface LeafOptions extends AuthorityOptions {
  readonly name: string;
  /** Host names and addresses that the certificate stands for. */
  readonly sans?: readonly string[];
  readonly usage: "server" | "client";
}

const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

const day = 86_400_000;

/** Another machine's clock may be a little behind ours. */
const leeway = 300_000;

/** Makes a certificate authority for development: browsers and curl accept it once they are told to trust it. */
export function createAuthority(
  name: string,
  { days = 3650, now = new Date() }: AuthorityOptions = {},
): KeyedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificate = signCertificate({
    subject: name,
    issuer: name,
    notBefore: new Date(now.getTime() - leeway),
    notAfter: new Date(now.getTime() + days * day),
    usage: "authority",
    names: [],
    publicKey,
    issuerPublicKey: publicKey,
    issuerPrivateKey: privateKey,
  });
  return { certificate, key: pemOf(privateKey) };
}

/** Issues a certificate for one server or client. It never outlives the authority. */
export function issueCertificate(authority: KeyedCertificate, leaf: LeafOptions): KeyedCertificate {
  const { name, sans = [], usage, days = 397, now = new Date() } = leaf;
  for (const san of sans)
    if (!isIP(san) && !hostName.test(san)) throw new TypeError(`"${san}" is neither a host name nor an address`);
  const issuer = new X509Certificate(authority.certificate);
  if (!issuer.ca) throw new TypeError("the issuing certificate does not belong to an authority");
  const issuerPrivateKey = createPrivateKey(authority.key);
  if (!issuer.checkPrivateKey(issuerPrivateKey))
    throw new TypeError("the key is not that of the authority's certificate");
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificate = signCertificate({
    subject: name,
    issuer: nameOf(issuer),
    notBefore: new Date(Math.max(now.getTime() - leeway, Date.parse(issuer.validFrom))),
    notAfter: new Date(Math.min(now.getTime() + days * day, Date.parse(issuer.validTo))),
    usage,
    names: sans,
    publicKey,
    issuerPublicKey: createPublicKey(issuerPrivateKey),
    issuerPrivateKey,
  });
  return { certificate, key: pemOf(privateKey) };
}

const hostName = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?$/i;

/** The issuer is named in a leaf byte for byte as in its own certificate, so that only a plain common name will do. */
function nameOf(authority: X509Certificate): string {
  const { CN, ...others } = authority.toLegacyObject().subject;
  if (typeof CN !== "string" || Object.keys(others).length > 0)
    throw new TypeError("the authority was not made here: its name is more than a common name");
  return CN;
}
