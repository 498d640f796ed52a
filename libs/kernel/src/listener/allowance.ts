/** So many of something in ten seconds, refilled as time passes; one per connection, hence small. */
export class Allowance {
  readonly #capacity: number;
  #left: number;
  #at: number;

  constructor(capacity: number, now: number) {
    this.#capacity = capacity;
    this.#left = capacity;
    this.#at = now;
  }

  /** Spends one; false when none is left. */
  take(now: number): boolean {
    this.#left = Math.min(this.#capacity, this.#left + ((now - this.#at) * this.#capacity) / 10_000);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
