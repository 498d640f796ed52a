import type { Clock } from "../clock.ts";

interface LatchOptions {
  /** How long after a failure nobody even tries. */
  readonly downMs: number;
  readonly clock: Clock;
}

/** Spares the callers of a broken thing the wait for its next failure: after one, a single call at a time tries again. */
export class DownLatch {
  readonly #downMs: number;
  readonly #clock: Clock;
  #downUntil: number | undefined;
  #isProbing = false;

  constructor({ downMs, clock }: LatchOptions) {
    this.#downMs = downMs;
    this.#clock = clock;
  }

  /** Whoever is let through must report how it went. */
  tryEnter(): boolean {
    if (this.#downUntil === undefined) return true;
    if (this.#isProbing || this.#clock.monotonic() < this.#downUntil) return false;
    this.#isProbing = true;
    return true;
  }

  /** Tells whether this ends a time of failures. */
  succeeded(): boolean {
    const wasDown = this.#downUntil !== undefined;
    this.#downUntil = undefined;
    this.#isProbing = false;
    return wasDown;
  }

  /** Tells whether this begins a time of failures. */
  failed(): boolean {
    const wasDown = this.#downUntil !== undefined;
    this.#downUntil = this.#clock.monotonic() + this.#downMs;
    this.#isProbing = false;
    return !wasDown;
  }
}
