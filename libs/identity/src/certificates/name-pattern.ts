/** The kinds of alternative names that a rule can go by. */
export type NameKind = "uri" | "dns" | "email" | "ip";

/** A name, or names, taken apart at their separators; in place of a part may stand whatever one part can be. */
export interface NamePattern {
  readonly kind: NameKind;
  readonly parts: readonly (string | typeof anyPart)[];
}

const anyPart = Symbol("any part");

/** No dot segment, no wildcard of a certificate's own, nothing that is escaped: such a part stands for more than itself. */
const plainParts: { readonly [kind in NameKind]: RegExp } = {
  uri: /^(?!\.\.?$)[A-Za-z0-9._~!$&'()+,;=:@-]+$/,
  dns: /^[a-z0-9_-]+$/,
  email: /^[A-Za-z0-9.!#$%&'+/=?^_`{|}~-]+$/,
  ip: /^$/,
};

/** Reads the text of a rule, or says why it is no pattern. A `*` stands for one whole label, path segment or local part. */
export function readPattern(kind: NameKind, text: string): NamePattern | string {
  if (!/^[\x21-\x7e]+$/.test(text)) return "a name is visible ASCII without spaces";
  const parts = partsOf(kind, text);
  if (!text.includes("*")) return { kind, parts };
  const first = parts.findIndex((part) => part.includes("*"));
  const wild = parts.filter((part) => part.includes("*"));
  if (kind === "ip") return "an address is written out";
  if (wild.some((part) => part !== "*")) return "a * stands for one whole label, path segment or local part";
  if (kind === "uri" && (!/^[a-z][a-z0-9+.-]*:\/\/[^/]+\//i.test(text) || first < 3))
    return "the scheme and the host of a URI are written out";
  if (kind === "dns" && (first !== 0 || wild.length > 1 || parts.length < 3))
    return "only the first label of a host name can be a *, with two or more behind it";
  if (kind === "email" && (first !== 0 || parts.length !== 2)) return "only what is before the @ can be a *";
  return { kind, parts: parts.map((part) => (part === "*" ? anyPart : part)) };
}

/** Tells whether a name of the same kind is, or is among, those that are meant. */
export function matchesName({ kind, parts }: NamePattern, name: string): boolean {
  const given = partsOf(kind, name);
  return (
    given.length === parts.length &&
    parts.every((part, at) => (part === anyPart ? plainParts[kind].test(given[at] ?? "") : part === given[at]))
  );
}

/** Tells whether one pattern means all that the other means. */
export function coversName(wide: NamePattern, narrow: NamePattern): boolean {
  if (wide.kind !== narrow.kind || wide.parts.length !== narrow.parts.length) return false;
  return wide.parts.every((part, at) => {
    const other = narrow.parts[at];
    if (part !== anyPart || other === anyPart) return part === other;
    return plainParts[wide.kind].test(other ?? "");
  });
}

/** Host names and domains are the same in every case, the rest is not. */
function partsOf(kind: NameKind, text: string): string[] {
  if (kind === "uri") return text.split("/");
  if (kind === "dns") return text.toLowerCase().split(".");
  if (kind === "ip") return [addressOf(text)];
  const at = text.lastIndexOf("@");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1).toLowerCase()];
}

/** One IPv6 address has many spellings; certificates are read into the canonical one. */
function addressOf(text: string): string {
  return text.includes(":") ? (URL.parse(`http://[${text}]`)?.hostname.slice(1, -1) ?? text) : text;
}
