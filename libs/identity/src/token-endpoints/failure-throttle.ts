import type { Clock } from "@tandem/platform/clock";
import { StoreUnavailable, type Store } from "@tandem/platform/store/store";
import { unavailable } from "../unavailable.ts";
import { TwoGenerations } from "../two-generations.ts";
import { UnderWay } from "./under-way.ts";

interface ThrottleOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Failures after which nothing is tried any more. */
  readonly limit: number;
  /** Milliseconds until the count starts again. */
  readonly window: number;
}

interface Failures {
  count: number;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/** How an attempt went; one that was not made at all says when to come again, in milliseconds. */
export type Attempt<Proved> = { readonly proved: Proved } | { readonly failed: true } | { readonly wait: number };

/**
 * Stops guessing. Failures are counted twice: in the store, for all gateways, and in this process, at once and without
 * waiting, so that neither many guesses at the same moment nor a store that is down open the door further than by the
 * number of processes.
 */
export class FailureThrottle {
  readonly #options: ThrottleOptions;
  readonly #failures = new TwoGenerations<Failures>(20_000);
  readonly #underWay = new UnderWay({ waiting: 256, patience: 10_000 });

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  /** Makes one attempt, unless too many have failed under this key. What throws is no failure: nobody could tell. */
  async attempt<Proved>(
    key: string,
    prove: () => Proved | undefined | Promise<Proved | undefined>,
  ): Promise<Attempt<Proved>> {
    const { limit, window } = this.#options;
    const shared = (await this.#sharedFailures(key)) >= limit ? window : 0;
    if (shared > 0) return { wait: shared };
    // Those under way may all fail: with the failures there are never more of them than the limit, whoever comes at once.
    while (this.#localWait(key) === 0 && this.#count(key) + this.#underWay.count(key) >= limit)
      await this.#underWay.oneEnd(key).catch(unavailableFor);
    // Nothing is awaited between this look and the beginning of the attempt.
    const wait = this.#localWait(key);
    if (wait > 0) return { wait };
    const proved = await this.#make(key, prove);
    if (proved !== undefined) return { proved };
    await this.#countShared(key);
    return { failed: true };
  }

  async #make<Proved>(key: string, prove: () => Proved | undefined | Promise<Proved | undefined>) {
    this.#underWay.begin(key);
    try {
      const proved = await prove();
      if (proved === undefined) this.#countLocally(key);
      return proved;
    } finally {
      this.#underWay.end(key, { all: this.#localWait(key) > 0 });
    }
  }

  #localWait(key: string): number {
    const failures = this.#failures.get(key);
    const left = failures ? failures.until - this.#options.clock.monotonic() : 0;
    return failures && failures.count >= this.#options.limit ? Math.max(0, left) : 0;
  }

  #count(key: string): number {
    const failures = this.#failures.get(key);
    return failures && failures.until > this.#options.clock.monotonic() ? failures.count : 0;
  }

  #countLocally(key: string): void {
    const now = this.#options.clock.monotonic();
    const failures = this.#failures.get(key);
    if (failures && failures.until > now) failures.count++;
    else this.#failures.set(key, { count: 1, until: now + this.#options.window });
  }

  async #sharedFailures(key: string): Promise<number> {
    try {
      return Number((await this.#options.store.get(key)) ?? 0);
    } catch (error) {
      return withoutStore(error);
    }
  }

  async #countShared(key: string): Promise<void> {
    try {
      await this.#options.store.increment(key, this.#options.window);
    } catch (error) {
      withoutStore(error);
    }
  }
}

/** Without the store the count of this process has to do. */
function withoutStore(error: unknown): 0 {
  if (error instanceof StoreUnavailable) return 0;
  throw error;
}

function unavailableFor(error: unknown): never {
  throw unavailable(error);
}
