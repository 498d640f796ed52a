import type { CertificateMatch } from "./config.ts";
import { coversName, type NameKind, readPattern } from "./name-pattern.ts";

/** Finds the first of the earlier rules that matches whatever the later one matches, so that the later one is dead. */
export function firstCovering(earlier: readonly CertificateMatch[], later: CertificateMatch): number | undefined {
  const found = earlier.findIndex((match) => covers(match, later));
  return found < 0 ? undefined : found;
}

/** Every condition of the wide one follows from one of the narrow. */
function covers(wide: CertificateMatch, narrow: CertificateMatch): boolean {
  return (
    (wide.thumbprint === undefined || wide.thumbprint === narrow.thumbprint) &&
    coversAttributes(wide.subject, narrow.subject) &&
    coversAttributes(wide.issuer, narrow.issuer) &&
    coversNames(wide.san, narrow.san)
  );
}

type Attributes = CertificateMatch["subject"];

function coversAttributes(wide: Attributes, narrow: Attributes): boolean {
  return entriesOf(wide).every(([name, value]) => narrow?.[name] === value);
}

function coversNames(wide: CertificateMatch["san"], narrow: CertificateMatch["san"]): boolean {
  return entriesOf(wide).every(([kind, text]) => {
    const other = narrow?.[kind];
    return other !== undefined && coversText(kind, text, other);
  });
}

function coversText(kind: NameKind, wide: string, narrow: string): boolean {
  const [one, other] = [readPattern(kind, wide), readPattern(kind, narrow)];
  // What is no pattern is refused for that, not for being covered.
  return typeof one !== "string" && typeof other !== "string" && coversName(one, other);
}

/** What is written in a section, by name. */
export function entriesOf<Name extends string>(
  section: { readonly [name in Name]?: string | undefined } | undefined,
): [name: Name, value: string][] {
  const entries: [Name, string][] = [];
  for (const name in section) {
    const value = section[name];
    if (value !== undefined) entries.push([name, value]);
  }
  return entries;
}
