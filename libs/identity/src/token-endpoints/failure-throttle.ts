import type { Clock } from "@tandem/platform/clock";
import { StoreUnavailable, type Store } from "@tandem/platform/store/store";
import { TwoGenerations } from "../two-generations.ts";

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

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  /** Makes one attempt, unless too many have failed under this key. */
  async attempt<Proved>(key: string, prove: () => Proved | undefined): Promise<Attempt<Proved>> {
    const { limit, window } = this.#options;
    const shared = (await this.#sharedFailures(key)) >= limit ? window : 0;
    // Nothing is awaited between this look, the attempt and the count.
    const wait = Math.max(shared, this.#localWait(key));
    if (wait > 0) return { wait };
    const proved = prove();
    if (proved !== undefined) return { proved };
    this.#countLocally(key);
    await this.#countShared(key);
    return { failed: true };
  }

  #localWait(key: string): number {
    const failures = this.#failures.get(key);
    const left = failures ? failures.until - this.#options.clock.monotonic() : 0;
    return failures && failures.count >= this.#options.limit ? Math.max(0, left) : 0;
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
