import { createHmac } from "node:crypto";
import type { Clock } from "@tandem/platform/clock";

interface NonceOptions {
  /** The same at every gateway. */
  readonly secret: string;
  /** Milliseconds for which a nonce is given out; it is good for as long again. */
  readonly lifetime: number;
  readonly clock: Clock;
}

/** The nonces of the time (RFC 9449 §8): nobody keeps them, and every gateway with the same secret knows them. */
export class Nonces {
  readonly #options: NonceOptions;
  #period = Number.NaN;
  #good: readonly string[] = [];

  constructor(options: NonceOptions) {
    this.#options = options;
  }

  /** What the next proof has to hold. */
  get current(): string {
    return this.#around()[0] ?? "";
  }

  isGood(nonce: string | undefined): boolean {
    return nonce !== undefined && this.#around().includes(nonce);
  }

  /** This period's, the last one's, and for gateways whose clock is ahead of ours the next one's. */
  #around(): readonly string[] {
    const { clock, lifetime } = this.#options;
    const period = Math.floor(clock.now() / lifetime);
    if (period !== this.#period) {
      this.#good = [period, period - 1, period + 1].map((one) => this.#nonceOf(one));
      this.#period = period;
    }
    return this.#good;
  }

  #nonceOf(period: number): string {
    const { secret, lifetime } = this.#options;
    return createHmac("sha256", secret).update(`dpop nonce ${lifetime} ${period}`).digest("base64url").slice(0, 22);
  }
}
