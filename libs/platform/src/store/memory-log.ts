import type { Clock } from "../clock.ts";
import { type LogEntry, type LogPage, StoreUnavailable } from "./store.ts";

interface Line {
  readonly number: number;
  /** Monotonic. */
  readonly endsAt: number;
}

const perPage = 1000;
const sweepEveryMs = 1000;

/** A log of a store in memory, which holds no more than so many entries. */
export class MemoryLog {
  readonly #maxEntries: number;
  readonly #clock: Clock;
  /** In the order of their numbers. */
  readonly #lines = new Map<string, Line>();
  #last = 0;
  #nextSweepAt = Number.NEGATIVE_INFINITY;

  constructor({ maxEntries, clock }: { readonly maxEntries: number; readonly clock: Clock }) {
    this.#maxEntries = maxEntries;
    this.#clock = clock;
  }

  /** All or none. */
  append(entries: readonly LogEntry[]): void {
    this.#sweep();
    const now = this.#clock.monotonic();
    const added = new Set(entries.flatMap(({ text }) => (this.#lines.has(text) ? [] : [text])));
    if (this.#lines.size + added.size > this.#maxEntries) throw new StoreUnavailable("the store is full");
    for (const { text, ttlMs } of entries) {
      const known = this.#lines.get(text);
      const isLive = known !== undefined && known.endsAt > now;
      if (!isLive) this.#lines.delete(text);
      const number = isLive ? known.number : ++this.#last;
      this.#lines.set(text, { number, endsAt: Math.max(known?.endsAt ?? 0, now + ttlMs) });
    }
  }

  read(cursor: string | undefined): LogPage {
    const found = /^\d{1,15}$/.test(cursor ?? "") ? Number(cursor) : Infinity;
    const fromStart = found > this.#last;
    const after = fromStart ? 0 : found;
    const page = { entries: [] as string[], fromStart };
    if (after === this.#last) return { ...page, cursor: String(after), more: false };
    const now = this.#clock.monotonic();
    let reached = after;
    for (const [text, { number, endsAt }] of this.#lines) {
      if (number <= after) continue;
      if (page.entries.length === perPage) return { ...page, cursor: String(reached), more: true };
      reached = number;
      if (endsAt > now) page.entries.push(text);
    }
    return { ...page, cursor: String(this.#last), more: false };
  }

  /** Looks at everything, but not at every knock. */
  #sweep(): void {
    const now = this.#clock.monotonic();
    if (now < this.#nextSweepAt) return;
    this.#nextSweepAt = now + sweepEveryMs;
    for (const [text, { endsAt }] of this.#lines) if (endsAt <= now) this.#lines.delete(text);
  }
}
