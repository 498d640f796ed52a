import type { Principal } from "@tandem/contracts/principal";
import type { Clock } from "@tandem/platform/clock";
import { TwoGenerations } from "../two-generations.ts";

interface Verified {
  readonly principal: Principal;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** A principal is never believed for longer than this without a new look at the token. */
const longestLife = 60_000;

/** Remembers the tokens that proved good, and only those, by their digest: no token lies in memory beyond its request. */
export class VerifiedTokens {
  readonly #entries: TwoGenerations<Verified>;
  readonly #clock: Clock;

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#entries = new TwoGenerations(capacity);
  }

  find(digest: string): Principal | undefined {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    if (this.#clock.now() < entry.until) return entry.principal;
    this.#entries.delete(digest);
    return undefined;
  }

  remember(digest: string, principal: Principal): void {
    const { expires = 0 } = principal;
    this.#entries.set(digest, { principal, until: Math.min(this.#clock.now() + longestLife, expires * 1000) });
  }

  /** For when a key has changed or something was revoked. */
  forgetAll(): void {
    this.#entries.clear();
  }
}
