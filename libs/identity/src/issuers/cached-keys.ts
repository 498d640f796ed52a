import type { Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { Algorithm } from "../jose/algorithm.ts";
import { readKeySetDocument } from "../jose/key-set-document.ts";
import type { VerificationKey } from "../jose/verification-key.ts";
import type { KeySource } from "../keys/key-source.ts";
import { unavailable } from "../unavailable.ts";
import { reasonOf } from "./fetch-document.ts";

interface CachedKeysOptions {
  readonly algorithms: readonly Algorithm[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds for which keys are fresh where their origin does not say. */
  readonly freshFor?: number;
  /** Milliseconds for which keys serve beyond that, while no newer ones can be had. */
  readonly staleFor?: number;
  /** Milliseconds between two looks for an unknown key id, so that made-up ids cannot drive us to ask. */
  readonly coolDown?: number;
  /** Milliseconds between a failed look and the next. */
  readonly retryAfter?: number;
}

/** A JWKS, and for how many milliseconds it is fresh where its origin says so. */
interface Loaded {
  readonly text: string;
  readonly freshFor?: number | undefined;
}

/** The bounds for what an origin asks for: not to be asked with every request, nor to keep a withdrawn key for a week. */
const leastFresh = 60_000;
const mostFresh = 86_400_000;
/** From this share of their fresh time on, keys are renewed beside the requests, so that none has to wait. */
const early = 0.8;

/** Keeps the key set of a document that is loaded from elsewhere: one load at a time, and old keys rather than none. */
export class CachedKeys implements KeySource {
  readonly #load: () => Promise<Loaded>;
  readonly #options: Required<CachedKeysOptions>;
  readonly #listeners: (() => void)[] = [];
  #keys: readonly VerificationKey[] | undefined;
  #text = "";
  #loading: Promise<readonly VerificationKey[]> | undefined;
  #loadedAt = -Infinity;
  #freshFor = 0;
  #failedAt = -Infinity;
  /** The last look failed. */
  #failing = false;
  #renewedAt = -Infinity;

  constructor(load: () => Promise<Loaded>, options: CachedKeysOptions) {
    this.#load = load;
    this.#options = { freshFor: 600_000, staleFor: 86_400_000, coolDown: 10_000, retryAfter: 1000, ...options };
  }

  keys(): readonly VerificationKey[] | Promise<readonly VerificationKey[]> {
    const age = this.#options.clock.monotonic() - this.#loadedAt;
    const keys = this.#keys;
    if (keys && age < this.#freshFor * early) return keys;
    if (!keys || age >= this.#freshFor + this.#options.staleFor)
      return this.#mayTry() ? this.#try() : (this.#loading ?? Promise.reject(unavailable()));
    if (age < this.#freshFor || this.#failing) {
      // Whoever needs newer keys than these asks for them; a failure is logged where it happens.
      if (this.#mayTry()) this.#try().catch(() => {});
      return keys;
    }
    // Nobody asked for a while. A key may have been withdrawn since: it counts again only if there is no way to find out.
    return this.#try().catch(() => keys);
  }

  async renew(): Promise<readonly VerificationKey[]> {
    const { clock, coolDown, retryAfter } = this.#options;
    const now = clock.monotonic();
    if (this.#failing ? now - this.#failedAt >= retryAfter : now - this.#renewedAt >= coolDown) {
      this.#renewedAt = now;
      return this.#try();
    }
    if (this.#loading) return this.#loading;
    // The last look failed: whether such a key exists, nobody knows.
    if (!this.#keys || this.#failing) throw unavailable();
    return this.#keys;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#listeners.length = 0;
  }

  #mayTry(): boolean {
    return !this.#loading && this.#options.clock.monotonic() - this.#failedAt >= this.#options.retryAfter;
  }

  #try(): Promise<readonly VerificationKey[]> {
    return (this.#loading ??= this.#loadNow().finally(() => {
      this.#loading = undefined;
    }));
  }

  async #loadNow(): Promise<readonly VerificationKey[]> {
    const { algorithms, clock, logger } = this.#options;
    try {
      const { text, freshFor } = await this.#load();
      if (!this.#keys || text !== this.#text) this.#adopt(text, algorithms);
      this.#freshFor =
        freshFor === undefined ? this.#options.freshFor : Math.min(Math.max(freshFor, leastFresh), mostFresh);
    } catch (cause) {
      this.#failedAt = clock.monotonic();
      if (!this.#failing) logger.warn("the keys cannot be had", { error: reasonOf(cause) });
      this.#failing = true;
      throw unavailable(cause);
    }
    this.#loadedAt = clock.monotonic();
    if (this.#failing) logger.info("the keys can be had again");
    this.#failing = false;
    return this.#keys ?? [];
  }

  #adopt(text: string, algorithms: readonly Algorithm[]): void {
    const { keys, unusable } = readKeySetDocument(text, algorithms);
    if (unusable.length > 0) this.#options.logger.info("some of the keys are of no use here", { unusable });
    this.#keys = keys;
    this.#text = text;
    for (const listener of this.#listeners) listener();
  }
}
