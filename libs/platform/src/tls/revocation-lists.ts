import { createSecureContext } from "node:tls";
import { systemClock, type Clock } from "../clock.ts";
import { readText } from "../read-text.ts";
import type { FileProblem } from "./key-pair.ts";
import { derElements, derWithin, MalformedDer } from "./read-der.ts";

/** The lists (CRLs) in which authorities name what they have taken back, or why they cannot be used. */
export type RevocationListsResult =
  | { readonly ok: true; readonly lists: readonly string[] }
  | { readonly ok: false; readonly problems: readonly FileProblem<"crl">[] };

const limit = 16_777_216;
const block = /-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g;

/** Reads a PEM file of lists; an expired one would refuse every certificate of its authority. */
export function readRevocationLists(
  file: string,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): RevocationListsResult {
  const read = readText(file, { limit });
  if (!read.ok) return refused(`${file} ${read.why}`);
  const lists: readonly string[] = read.text.match(block) ?? [];
  if (lists.length === 0) return refused(`${file} holds no PEM certificate revocation list`);
  const problems = lists.flatMap((pem, at): FileProblem<"crl">[] => {
    const flaw = flawOf(pem, clock.now());
    return flaw === undefined ? [] : [{ field: "crl", message: `list ${at + 1} in ${file} ${flaw}` }];
  });
  return problems.length === 0 ? { ok: true, lists } : { ok: false, problems };
}

const refused = (message: string): RevocationListsResult => ({ ok: false, problems: [{ field: "crl", message }] });

function flawOf(pem: string, now: number): string | undefined {
  try {
    createSecureContext({ crl: pem });
    const end = nextUpdateOf(Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ""), "base64"));
    return end !== undefined && end <= now ? `expired at ${new Date(end).toISOString()}` : undefined;
  } catch {
    return "cannot be read";
  }
}

/** RFC 5280 §5.1.2: behind version, algorithm, issuer and `thisUpdate`. */
function nextUpdateOf(der: Buffer): number | undefined {
  const [statement] = derWithin(der, 0x30);
  const times = derElements(statement?.content ?? Buffer.alloc(0)).filter(({ tag }) => tag === 0x17 || tag === 0x18);
  const [, next] = times;
  if (!next) return undefined;
  const digits = next.content.toString("latin1");
  const short = next.tag === 0x17;
  // RFC 5280 §4.1.2.5.1: a short year below 50 is of this century.
  const full = short ? `${Number(digits.slice(0, 2)) < 50 ? "20" : "19"}${digits}` : digits;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
  if (!parts) throw new MalformedDer("a time in another form than its own");
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
