/** How many more tries than requests a service may get. */
export interface BudgetOptions {
  /** Retries and hedges for each request, over the window. */
  readonly ratio: number;
  /** This many a second on top, so that few requests may be retried as well. */
  readonly min: number;
}

/** Seconds that are looked back on. */
const window = 10;

/**
 * Bounds what retries and hedges add to the load of a service, however many requests fail: what would help a few fails
 * all of them where everybody tries again. Two sums over a window that slides by the second; counting makes no object.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  readonly #requests = new Uint32Array(window);
  readonly #spent = new Uint32Array(window);
  #allRequests = 0;
  #allSpent = 0;
  #second = 0;

  constructor({ ratio, min }: BudgetOptions) {
    this.#ratio = ratio;
    this.#reserve = min * window;
  }

  /** A request is begun; times are milliseconds of the monotonic clock. */
  count(now: number): void {
    this.#slide(now);
    this.#requests[this.#second % window]!++;
    this.#allRequests++;
  }

  /** One more try would keep within the budget. */
  allows(now: number): boolean {
    this.#slide(now);
    return this.#allSpent + 1 <= this.#ratio * this.#allRequests + this.#reserve;
  }

  /** How many more tries would keep within it now. */
  left(now: number): number {
    this.#slide(now);
    return Math.max(0, Math.floor(this.#ratio * this.#allRequests + this.#reserve - this.#allSpent));
  }

  spend(now: number): void {
    this.#slide(now);
    this.#spent[this.#second % window]!++;
    this.#allSpent++;
  }

  #slide(now: number): void {
    const second = Math.floor(now / 1000);
    if (second === this.#second) return;
    // After a longer silence there is nothing left to look back on.
    const passed = Math.min(window, second - this.#second);
    for (let back = 0; back < passed; back++) {
      const place = (second - back) % window;
      this.#allRequests -= this.#requests[place]!;
      this.#allSpent -= this.#spent[place]!;
      this.#requests[place] = 0;
      this.#spent[place] = 0;
    }
    this.#second = second;
  }
}
