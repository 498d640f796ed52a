import { GatewayError } from "@tandem/contracts/errors";
import type { Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { Algorithm } from "../jose/algorithm.ts";
import { readKeySetDocument } from "../jose/key-set-document.ts";
import type { VerificationKey } from "../jose/verification-key.ts";
import type { KeySource } from "../keys/key-source.ts";

interface CachedKeysOptions {
  readonly algorithms: readonly Algorithm[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds after which the keys are looked for again, beside the requests. */
  readonly refreshAfter?: number;
  /** Milliseconds for which keys serve while no newer ones can be had. */
  readonly staleFor?: number;
  /** Milliseconds between two looks for an unknown key id, so that made-up ids cannot drive us to ask. */
  readonly coolDown?: number;
  /** Milliseconds between a failed look and the next. */
  readonly retryAfter?: number;
}

/** Keeps the key set of a document that is loaded from elsewhere: one load at a time, and old keys rather than none. */
export class CachedKeys implements KeySource {
  readonly #load: () => Promise<string>;
  readonly #options: Required<CachedKeysOptions>;
  readonly #listeners: (() => void)[] = [];
  #keys: readonly VerificationKey[] | undefined;
  #text = "";
  #loading: Promise<readonly VerificationKey[]> | undefined;
  #loadedAt = -Infinity;
  #failedAt = -Infinity;
  /** The last look failed. */
  #failing = false;
  #renewedAt = -Infinity;

  constructor(load: () => Promise<string>, options: CachedKeysOptions) {
    this.#load = load;
    this.#options = { refreshAfter: 600_000, staleFor: 86_400_000, coolDown: 10_000, retryAfter: 1000, ...options };
  }

  keys(): readonly VerificationKey[] | Promise<readonly VerificationKey[]> {
    const { refreshAfter, staleFor } = this.#options;
    const age = this.#options.clock.monotonic() - this.#loadedAt;
    if (this.#keys && age < refreshAfter) return this.#keys;
    if (this.#keys && age < staleFor) {
      // Whoever needs newer keys than these asks for them; a failure is logged where it happens.
      if (this.#mayTry()) this.#try().catch(() => {});
      return this.#keys;
    }
    return this.#mayTry() ? this.#try() : (this.#loading ?? Promise.reject(unavailable()));
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
      const text = await this.#load();
      if (!this.#keys || text !== this.#text) this.#adopt(text, algorithms);
    } catch (cause) {
      this.#failedAt = clock.monotonic();
      if (!this.#failing) logger.warn("the issuer's keys cannot be had", { error: reasonOf(cause) });
      this.#failing = true;
      throw unavailable(cause);
    }
    this.#loadedAt = clock.monotonic();
    if (this.#failing) logger.info("the issuer's keys can be had again");
    this.#failing = false;
    return this.#keys ?? [];
  }

  #adopt(text: string, algorithms: readonly Algorithm[]): void {
    const { keys, unusable } = readKeySetDocument(text, algorithms);
    if (unusable.length > 0) this.#options.logger.info("some of the issuer's keys are of no use here", { unusable });
    this.#keys = keys;
    this.#text = text;
    for (const listener of this.#listeners) listener();
  }
}

const unavailable = (cause?: unknown): GatewayError =>
  new GatewayError("identity.unavailable", { cause, headers: { "retry-after": "1" } });

/** `fetch` says what went wrong only in the cause of its error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
