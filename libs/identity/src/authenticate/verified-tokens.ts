import type { Clock } from "@tandem/platform/clock";
import type { CacheReading } from "../cache-reading.ts";
import { TwoGenerations } from "../two-generations.ts";
import type { Verified } from "./verified.ts";

interface Remembered {
  readonly verified: Verified;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** A credential is never believed for longer than this without a new look at it. */
const longestLife = 60_000;

/** Remembers the credentials that proved good, and only those, by their digest: none lies in memory beyond its request. */
export class VerifiedTokens implements CacheReading {
  /** The kind of credential. */
  readonly name: string;
  hits = 0;
  misses = 0;
  readonly #entries: TwoGenerations<Remembered>;
  readonly #clock: Clock;
  #generation = 0;

  constructor(name: string, { clock, capacity }: { readonly clock: Clock; readonly capacity: number }) {
    this.name = name;
    this.#clock = clock;
    this.#entries = new TwoGenerations(capacity);
  }

  find(digest: string): Verified | undefined {
    const entry = this.#entries.get(digest);
    if (entry !== undefined && this.#clock.now() < entry.until) {
      this.hits++;
      return entry.verified;
    }
    this.misses++;
    if (entry !== undefined) this.#entries.delete(digest);
    return undefined;
  }

  /** The same, and nothing is counted or taken away. */
  peek(digest: string): Verified | undefined {
    const entry = this.#entries.peek(digest);
    return entry !== undefined && this.#clock.now() < entry.until ? entry.verified : undefined;
  }

  get size(): number {
    return this.#entries.size;
  }

  remember(digest: string, verified: Verified): void {
    const { principal, keepFor = longestLife } = verified;
    const { expires = Infinity } = principal;
    const until = Math.min(this.#clock.now() + Math.min(keepFor, longestLife), expires * 1000);
    this.#entries.set(digest, { verified, until });
  }

  /** What was judged in an earlier one must not be remembered. */
  get generation(): number {
    return this.#generation;
  }

  /** For when a key has changed or something was revoked. */
  forgetAll(): void {
    this.#generation++;
    this.#entries.clear();
  }
}
