import { isUtf8 } from "node:buffer";
import { type DerElement, derElements, derWithin, MalformedDer } from "./read-der.ts";

/** The attributes of a subject or issuer that rules go by; each may stand there several times. */
export interface DistinguishedName {
  readonly CN: readonly string[];
  readonly O: readonly string[];
  readonly OU: readonly string[];
}

/** The subject alternative names, by type. Host names and the domains of addresses are lower case. */
export interface AlternativeNames {
  readonly uri: readonly string[];
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly ip: readonly string[];
}

/** Whom a certificate names, and who named them so. */
export interface CertificateNames {
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly alternative: AlternativeNames;
}

/**
 * Reads the names of an X.509 certificate from its DER. Never from a printed form: there a comma or a quote within a name
 * can pass for the end of it (CVE-2021-44532, CVE-2021-44533). Throws MalformedDer where a name could be read in two ways,
 * or holds a control character: whoever decides by names is then to take the whole certificate for nobody's.
 */
export function certificateNames(der: Uint8Array): CertificateNames {
  const [statement] = derWithin(Buffer.from(der.buffer, der.byteOffset, der.byteLength), tags.sequence);
  if (statement?.tag !== tags.sequence) throw new MalformedDer("it is no certificate");
  const fields = derElements(statement.content);
  // The version is left out in the first one, which knows no extensions.
  if (fields[0]?.tag === tags.version) fields.shift();
  const [serial, algorithm, issuer, validity, subject, key, ...optional] = fields;
  if (!serial || !algorithm || !issuer || !validity || !subject || !key) throw new MalformedDer("it is no certificate");
  return {
    subject: readName(subject),
    issuer: readName(issuer),
    alternative: readAlternative(alternativeOf(optional.find(({ tag }) => tag === tags.extensions))),
  };
}

const tags = {
  boolean: 0x01,
  octetString: 0x04,
  identifier: 0x06,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
} as const;

const attributes: Readonly<Record<string, keyof DistinguishedName>> = { "550403": "CN", "55040a": "O", "55040b": "OU" };
const alternativeNames = "551d11";

function readName(name: DerElement): DistinguishedName {
  const found: { readonly [name in keyof DistinguishedName]: string[] } = { CN: [], O: [], OU: [] };
  for (const set of expect(name, tags.sequence))
    for (const attribute of expect(set, tags.set)) {
      const [identifier, value, ...more] = expect(attribute, tags.sequence);
      if (identifier?.tag !== tags.identifier || !value || more.length > 0)
        throw new MalformedDer("a broken attribute");
      const known = attributes[identifier.content.toString("hex")];
      if (known) found[known].push(textOf(value));
    }
  return found;
}

/** The bytes of the extension, where there is one. */
function alternativeOf(extensions: DerElement | undefined): Buffer | undefined {
  if (!extensions) return undefined;
  let found: Buffer | undefined;
  for (const extension of derWithin(extensions.content, tags.sequence)) {
    const parts = expect(extension, tags.sequence);
    const [identifier, value] = parts[1]?.tag === tags.boolean ? [parts[0], parts[2]] : parts;
    if (identifier?.tag !== tags.identifier || value?.tag !== tags.octetString)
      throw new MalformedDer("a broken extension");
    if (identifier.content.toString("hex") !== alternativeNames) continue;
    if (found) throw new MalformedDer("two lists of alternative names");
    found = value.content;
  }
  return found;
}

function readAlternative(bytes: Buffer | undefined): AlternativeNames {
  const found: { readonly [name in keyof AlternativeNames]: string[] } = { uri: [], dns: [], email: [], ip: [] };
  if (!bytes) return found;
  for (const { tag, content } of derWithin(bytes, tags.sequence)) {
    if (tag === 0x81) found.email.push(withLowerDomain(asciiOf(content)));
    else if (tag === 0x82) found.dns.push(asciiOf(content).toLowerCase());
    else if (tag === 0x86) found.uri.push(asciiOf(content));
    else if (tag === 0x87) found.ip.push(addressOf(content));
    // Other kinds (directory names, user principal names) are no names to any rule.
  }
  return found;
}

function textOf({ tag, content }: DerElement): string {
  if (tag === 0x0c) return plain(isUtf8(content) ? content.toString("utf8") : "");
  // Printable, IA5 and numeric strings; of a Teletex string, which has no agreed alphabet, only what is ASCII.
  if (tag === 0x13 || tag === 0x16 || tag === 0x12 || tag === 0x14) return asciiOf(content);
  if (tag === 0x1e && content.length % 2 === 0) {
    const text = Buffer.from(content).swap16().toString("utf16le");
    return plain(text.isWellFormed() ? text : "");
  }
  throw new MalformedDer("a name in an alphabet that is not read here");
}

const asciiOf = (content: Buffer): string =>
  plain(content.some((byte) => byte > 0x7e) ? "" : content.toString("latin1"));

/** Whatever ends up empty was nothing, or not what it was given for. */
function plain(text: string): string {
  if (!/^\P{Cc}+$/u.test(text)) throw new MalformedDer("a name that is empty, or holds what no name may");
  return text;
}

function withLowerDomain(address: string): string {
  const at = address.lastIndexOf("@");
  return address.slice(0, at + 1) + address.slice(at + 1).toLowerCase();
}

function addressOf(content: Buffer): string {
  if (content.length === 4) return content.join(".");
  if (content.length !== 16) throw new MalformedDer("an address of an odd length");
  const groups = content.toString("hex").match(/.{4}/g) ?? [];
  // The URL parser knows the canonical spelling (RFC 5952).
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function expect(element: DerElement, tag: number): DerElement[] {
  if (element.tag !== tag) throw new MalformedDer("another element than expected");
  return derElements(element.content);
}
