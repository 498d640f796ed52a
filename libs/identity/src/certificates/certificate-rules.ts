import type { Principal } from "@tandem/contracts/principal";
import type { CertificateFacts } from "@tandem/kernel/peer";
import type { CertificateNames } from "@tandem/platform/tls/certificate-names";
import { certificateError } from "./certificate-error.ts";
import type { CertificateMatch, CertificateRule, SubjectSource } from "./config.ts";
import { matchesName, type NameKind, readPattern } from "./name-pattern.ts";
import { entriesOf } from "./rule-coverage.ts";

/** A client certificate whose holder proved to hold it. */
export interface ShownCertificate {
  readonly thumbprint: string;
  readonly names: CertificateNames;
  /** Epoch milliseconds. */
  readonly notAfter: number;
}

type Check = (certificate: ShownCertificate) => boolean;
type Read = (certificate: ShownCertificate) => string;

/** Says for whom a certificate stands; throws where no rule is about it, or the one that is cannot be carried out. */
export function principalByRules(rules: readonly CertificateRule[]): (certificate: ShownCertificate) => Principal {
  const compiled = rules.map(({ match, principal }) => ({
    isAbout: certificateMatcher(match),
    subjectOf: subjectReader(principal.subject, match),
    principal,
  }));
  return (certificate) => {
    const rule = compiled.find(({ isAbout }) => isAbout(certificate));
    if (!rule) throw certificateError("no rule is about it");
    const { client, scopes, roles, tenant } = rule.principal;
    return Object.freeze({
      subject: rule.subjectOf(certificate),
      ...(client !== undefined && { client }),
      scopes,
      roles,
      ...(tenant !== undefined && { tenant }),
      method: "certificate",
      expires: certificate.notAfter / 1000,
    });
  };
}

/** Tells of which certificates a match is: of those that fulfil all of it. */
export function certificateMatcher(match: CertificateMatch): (certificate: ShownCertificate) => boolean {
  const checks = checksOf(match);
  return (certificate) => checks.every((check) => check(certificate));
}

/** Makes what the listener found out what the rules go by. */
export function shownCertificate(thumbprint: string, { names, notAfter }: CertificateFacts): ShownCertificate {
  if (!names) throw certificateError("its names can be read in two ways");
  return { thumbprint, names, notAfter };
}

function checksOf({ san, subject, issuer, thumbprint }: CertificateMatch): readonly Check[] {
  const checks: Check[] = [];
  if (thumbprint !== undefined) checks.push((shown) => shown.thumbprint === thumbprint);
  for (const [kind, text] of entriesOf(san)) {
    const pattern = patternOf(kind, text);
    checks.push(({ names }) => names.alternative[kind].some((name) => matchesName(pattern, name)));
  }
  for (const [attribute, value] of entriesOf(subject))
    checks.push(({ names }) => bears(names.subject, attribute, value));
  for (const [attribute, value] of entriesOf(issuer)) checks.push(({ names }) => bears(names.issuer, attribute, value));
  return checks;
}

/** Units may be several; of two common names, or organisations, nobody can say which one is meant. */
function bears(name: CertificateNames["subject"], attribute: "CN" | "O" | "OU", value: string): boolean {
  const values = name[attribute];
  return values.includes(value) && (attribute === "OU" || values.length === 1);
}

function subjectReader(subject: CertificateRule["principal"]["subject"], { san }: CertificateMatch): Read {
  if (typeof subject === "string") return () => subject;
  const { from } = subject;
  if (from === "thumbprint") return ({ thumbprint }) => thumbprint;
  if (from === "cn") return ({ names }) => only(names.subject.CN, from);
  const kind = kinds[from];
  const text = san?.[kind];
  if (text === undefined) return ({ names }) => only(names.alternative[kind], from);
  const pattern = patternOf(kind, text);
  // The one that the rule is about, whatever else the certificate is good for.
  return ({ names }) =>
    only(
      names.alternative[kind].filter((name) => matchesName(pattern, name)),
      from,
    );
}

const kinds: Readonly<Record<Exclude<SubjectSource, "cn" | "thumbprint">, NameKind>> = {
  "san-uri": "uri",
  "san-dns": "dns",
  "san-email": "email",
  "san-ip": "ip",
};

function only(values: readonly string[], source: SubjectSource): string {
  const [value, ...more] = values;
  if (value === undefined) throw certificateError(`its rule takes the subject from ${source}, and it has none`);
  if (more.length > 0) throw certificateError(`its rule takes the subject from ${source}, and it has several`);
  return value;
}

function patternOf(kind: NameKind, text: string) {
  const pattern = readPattern(kind, text);
  if (typeof pattern === "string") throw new TypeError(`${text}: ${pattern}`);
  return pattern;
}
