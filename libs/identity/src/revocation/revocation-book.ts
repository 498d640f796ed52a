import type { Clock } from "@tandem/platform/clock";
import type { Presented } from "../authenticate/presented.ts";
import type { Verified } from "../authenticate/verified.ts";
import { nameOf, writeEntry, type Entry } from "./revocation-entry.ts";
import type { Revoked } from "./revocations.ts";
import { tokenDigest } from "./token-digest.ts";

/** One entry, with the text under which gateways share it. */
export interface Line {
  readonly entry: Entry;
  readonly text: string;
}

type Names = Map<string, Line[]>;

interface BookOptions {
  readonly maxEntries: number;
  readonly clock: Clock;
}

/** All that is known to be taken back, by name: a look costs a few map lookups, and nothing where no name of that kind is. */
export class RevocationBook {
  readonly #options: BookOptions;
  readonly #names: Readonly<Record<Revoked["kind"], Names>> = {
    token: new Map(),
    id: new Map(),
    subject: new Map(),
    client: new Map(),
    session: new Map(),
    key: new Map(),
  };
  /** A verified credential is remembered for a while; so is its digest, which costs more than all the rest. */
  readonly #digests = new WeakMap<Verified, string>();
  #size = 0;
  #walk = this.#places();

  constructor(options: BookOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes it in; what names the same is made one, with the later of both times. Tells whether there was room for it. */
  add(entry: Entry): boolean {
    if (entry.until <= this.#options.clock.now()) return true;
    const names = this.#names[entry.kind];
    const name = nameOf(entry);
    const lines = names.get(name) ?? [];
    const at = lines.findIndex((line) => issuerOf(line.entry) === issuerOf(entry));
    const known = lines[at];
    if (!known && this.#size >= this.#options.maxEntries) return false;
    const merged = known ? later(known.entry, entry) : entry;
    if (merged === known?.entry) return true;
    const line = { entry: merged, text: writeEntry(merged) };
    if (known) lines[at] = line;
    else {
      lines.push(line);
      this.#size++;
    }
    names.set(name, lines);
    return true;
  }

  /** Tells whether a credential bears a mark that was taken back. */
  hasRevoked(verified: Verified, presented: Presented): boolean {
    if (this.#size === 0) return false;
    const { principal, marks, confirmation } = verified;
    const { issuer } = principal;
    const { token, id, subject, client, session, key } = this.#names;
    return (
      (token.size > 0 && this.#covers(token.get(this.#digestOf(verified, presented)), issuer, -Infinity)) ||
      (id.size > 0 && marks.id !== undefined && this.#covers(id.get(marks.id), issuer, -Infinity)) ||
      // With a certificate goes whatever is bound to it; nobody here has issued that one.
      (id.size > 0 &&
        confirmation?.certificate !== undefined &&
        this.#covers(id.get(confirmation.certificate), undefined, -Infinity)) ||
      (subject.size > 0 && this.#covers(subject.get(principal.subject), issuer, marks.issuedAt)) ||
      (client.size > 0 &&
        principal.client !== undefined &&
        this.#covers(client.get(principal.client), issuer, marks.issuedAt)) ||
      (session.size > 0 &&
        marks.session !== undefined &&
        this.#covers(session.get(marks.session), issuer, -Infinity)) ||
      (key.size > 0 && marks.keyId !== undefined && this.#covers(key.get(marks.keyId), issuer, -Infinity))
    );
  }

  *lines(): Generator<Line> {
    const now = this.#options.clock.now();
    for (const names of Object.values(this.#names))
      for (const lines of names.values()) for (const line of lines) if (line.entry.until > now) yield line;
  }

  /** Looks at so many names and forgets what has ended; the next call goes on from there. */
  sweep(count: number): void {
    const now = this.#options.clock.now();
    for (let looked = 0; looked < count; looked++) {
      const next = this.#walk.next();
      if (next.done === true) {
        this.#walk = this.#places();
        return;
      }
      const { names, name, lines } = next.value;
      const left = lines.filter(({ entry }) => entry.until > now);
      if (left.length === lines.length) continue;
      this.#size -= lines.length - left.length;
      if (left.length === 0) names.delete(name);
      else names.set(name, left);
    }
  }

  #covers(lines: readonly Line[] | undefined, issuer: string | undefined, issuedAt = -Infinity): boolean {
    if (!lines) return false;
    const now = this.#options.clock.now();
    for (const { entry } of lines) {
      const isMeant = issuerOf(entry) === undefined || issuerOf(entry) === issuer;
      if (isMeant && issuedAt <= beforeOf(entry) && now < entry.until) return true;
    }
    return false;
  }

  #digestOf(verified: Verified, { text, digest }: Presented): string {
    if (!text.includes(".")) return digest;
    let known = this.#digests.get(verified);
    if (known === undefined) this.#digests.set(verified, (known = tokenDigest(text)));
    return known;
  }

  *#places(): Generator<{ names: Names; name: string; lines: readonly Line[] }> {
    for (const names of Object.values(this.#names)) for (const [name, lines] of names) yield { names, name, lines };
  }
}

const issuerOf = (entry: Entry): string | undefined => ("issuer" in entry ? entry.issuer : undefined);

const beforeOf = (entry: Entry): number => ("before" in entry ? entry.before : Infinity);

/** The first where the second adds nothing to it. */
function later(first: Entry, second: Entry): Entry {
  const until = Math.max(first.until, second.until);
  const before = Math.max(beforeOf(first), beforeOf(second));
  if (until === first.until && before === beforeOf(first)) return first;
  return "before" in first ? { ...first, until, before } : { ...first, until };
}
