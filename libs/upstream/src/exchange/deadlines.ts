/** Somebody who waits for a sign of life, until a moment on the monotonic clock. */
export interface Waiting {
  /** Milliseconds, as `performance.now` tells them; whoever hears something moves it on. */
  readonly deadline: number;
  /** The moment has passed. */
  giveUp(): void;
}

interface Bounds {
  readonly firstByte: number;
  readonly idle: number;
}

/**
 * Looks after the deadlines of all attempts of a hop. One sweep for all instead of two timers for each: a timer is an
 * object, two list operations and, in undici's hands, a weak reference that the garbage collector has to visit.
 */
export class Deadlines {
  readonly #waiting = new Set<Waiting>();
  readonly #tick: number;
  #sweeping: NodeJS.Timeout | undefined;

  constructor({ firstByte, idle }: Bounds) {
    // Late by a tenth of the shortest time-out at most, and never by more than a quarter of a second.
    this.#tick = Math.min(250, Math.max(5, Math.min(firstByte, idle) / 10));
  }

  add(waiting: Waiting): void {
    this.#waiting.add(waiting);
    this.#sweeping ??= setInterval(() => this.#sweep(), this.#tick).unref();
  }

  delete(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  #sweep(): void {
    const now = performance.now();
    for (const waiting of this.#waiting) if (waiting.deadline <= now) waiting.giveUp();
    if (this.#waiting.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }
}
