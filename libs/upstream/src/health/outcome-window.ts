const slots = 10;

/**
 * How many ended, and how many of those badly, within the last while; in ten slots, so that it forgets a tenth of the
 * time at once. Counting allocates nothing, and costs the same however many there were.
 */
export class OutcomeWindow {
  readonly #ended = new Uint32Array(slots);
  readonly #failed = new Uint32Array(slots);
  readonly #slot: number;
  #current = 0;
  ended = 0;
  failed = 0;

  /** Over so many milliseconds. */
  constructor(length: number) {
    this.#slot = length / slots;
  }

  add(good: boolean, now: number): void {
    this.forget(now);
    const at = this.#current % slots;
    this.#ended[at]!++;
    this.ended++;
    if (good) return;
    this.#failed[at]!++;
    this.failed++;
  }

  /** Leaves out what has become too old. */
  forget(now: number): void {
    const current = Math.floor(now / this.#slot);
    if (current <= this.#current) return;
    const passed = Math.min(slots, current - this.#current);
    for (let back = 0; back < passed; back++) this.#empty((current - back) % slots);
    this.#current = current;
  }

  clear(): void {
    for (let at = 0; at < slots; at++) this.#empty(at);
  }

  /** There were at least `minRequests`, and at least this part of them failed. */
  exceeds(share: number, minRequests: number): boolean {
    return this.ended >= minRequests && this.failed >= share * this.ended;
  }

  #empty(at: number): void {
    this.ended -= this.#ended[at]!;
    this.failed -= this.#failed[at]!;
    this.#ended[at] = 0;
    this.#failed[at] = 0;
  }
}
