import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { systemClock, type Clock } from "../clock.ts";
import { readText } from "../read-text.ts";
import { thumbprint } from "./thumbprint.ts";

/** The two files of a TLS identity. */
export interface KeyPairFiles {
  readonly certificate: string;
  readonly key: string;
}

/** A TLS identity that was looked at: the key is that of the first certificate, which is valid now. */
export interface KeyPair {
  /** PEM: the certificate, then those between it and the authority. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** The `x5t#S256` of the certificate. */
  readonly thumbprint: string;
  readonly notAfter: Date;
}

/** What is wrong, and with which of the files: the name is that of the configuration's field. */
export interface FileProblem<Field extends string> {
  readonly field: Field;
  readonly message: string;
}

/** An identity, or why it is none. */
export type KeyPairResult =
  | { readonly ok: true; readonly pair: KeyPair }
  | { readonly ok: false; readonly problems: readonly FileProblem<keyof KeyPairFiles>[] };

const limit = 1_048_576;
const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads a certificate and its key, and finds before the first handshake what would fail there, or later at a client. */
export function readKeyPair(
  files: KeyPairFiles,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): KeyPairResult {
  const problems: FileProblem<keyof KeyPairFiles>[] = [];
  const chain = readChain(files.certificate);
  if (typeof chain === "string") problems.push({ field: "certificate", message: chain });
  const key = readKey(files.key);
  if (typeof key === "string") problems.push({ field: "key", message: key });
  if (typeof chain === "string" || typeof key === "string") return { ok: false, problems };

  const [leaf] = chain.certificates;
  const age = validity(leaf, clock.now());
  if (age !== undefined) problems.push({ field: "certificate", message: `${files.certificate} ${age}` });
  if (!leaf.checkPrivateKey(key.object)) {
    const later = chain.certificates.findIndex((certificate) => certificate.checkPrivateKey(key.object));
    const message =
      later < 0
        ? `${files.key} is not the key of the certificate ${files.certificate}`
        : `${files.key} is the key of certificate ${later + 1} in ${files.certificate}; it must come first`;
    problems.push({ field: "key", message });
  }
  if (problems.length > 0) return { ok: false, problems };
  const pair = { certificate: chain.pem, key: key.pem, thumbprint: thumbprint(leaf.raw), notAfter: leaf.validToDate };
  return { ok: true, pair };
}

/** The certificates of those whom we trust, or why there are none. */
export type AuthoritiesResult =
  | { readonly ok: true; readonly pem: string }
  | { readonly ok: false; readonly problems: readonly FileProblem<"ca">[] };

/** Reads a bundle of authorities; an expired one would refuse every peer, and a leaf vouches for nobody. */
export function readAuthorities(
  file: string,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): AuthoritiesResult {
  const chain = readChain(file);
  if (typeof chain === "string") return { ok: false, problems: [{ field: "ca", message: chain }] };
  const problems = chain.certificates.flatMap((certificate, at): FileProblem<"ca">[] => {
    const flaw = certificate.ca ? validity(certificate, clock.now()) : "does not belong to an authority";
    return flaw === undefined ? [] : [{ field: "ca", message: `certificate ${at + 1} in ${file} ${flaw}` }];
  });
  return problems.length === 0 ? { ok: true, pem: chain.pem } : { ok: false, problems };
}

interface Chain {
  readonly pem: string;
  readonly certificates: readonly [X509Certificate, ...X509Certificate[]];
}

/** A text instead of a chain is the problem. */
function readChain(file: string): Chain | string {
  const read = readText(file, { limit });
  if (!read.ok) return `${file} ${read.why}`;
  const blocks = read.text.match(block) ?? [];
  try {
    const [leaf, ...others] = blocks.map((pem) => new X509Certificate(pem));
    if (leaf === undefined) return `${file} holds no PEM certificate`;
    return { pem: `${blocks.join("\n")}\n`, certificates: [leaf, ...others] };
  } catch {
    return `${file} holds a certificate that cannot be read`;
  }
}

function readKey(file: string): { readonly pem: string; readonly object: KeyObject } | string {
  const read = readText(file, { limit });
  if (!read.ok) return `${file} ${read.why}`;
  const pem = read.text;
  if (!pem.includes("PRIVATE KEY-----")) return `${file} holds no PEM private key`;
  if (pem.includes("ENCRYPTED")) return `${file} is encrypted with a passphrase; store it without one`;
  try {
    return { pem, object: createPrivateKey(pem) };
  } catch {
    return `${file} holds a private key that cannot be read`;
  }
}

function validity({ validFromDate, validToDate }: X509Certificate, now: number): string | undefined {
  if (now > validToDate.getTime()) return `expired at ${validToDate.toISOString()}`;
  return now < validFromDate.getTime() ? `is not valid before ${validFromDate.toISOString()}` : undefined;
}
