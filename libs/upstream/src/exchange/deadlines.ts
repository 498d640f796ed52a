/** Somebody who waits for a sign of life, until a moment on the monotonic clock. */
export interface Waiting {
  /** Milliseconds, as `performance.now` tells them; whoever hears something moves it on. */
  readonly deadline: number;
  /** Its place among all that wait, kept by `Deadlines`. */
  place: number;
  /** The moment has passed. */
  giveUp(): void;
}

/**
 * Looks after the deadlines of all attempts of a hop. One sweep for all instead of two timers for each: a timer is an
 * object, two list operations and, in undici's hands, a weak reference that the garbage collector has to visit. And a
 * list, not a set: each time a set grows or shrinks, its old table leads to the new one, and once such a table is among
 * the old, every attempt that ever waited stays in memory until the next full collection.
 */
export class Deadlines {
  readonly #waiting: Waiting[] = [];
  readonly #tick: number;
  #sweeping: NodeJS.Timeout | undefined;

  /** Given the shortest of the times that it looks after, in milliseconds. */
  constructor(shortest: number) {
    // Late by a tenth of it at most, and never by more than a quarter of a second.
    this.#tick = Math.min(250, Math.max(5, shortest / 10));
  }

  add(waiting: Waiting): void {
    waiting.place = this.#waiting.push(waiting) - 1;
    this.#sweeping ??= setInterval(() => this.#sweep(), this.#tick).unref();
  }

  delete(waiting: Waiting): void {
    if (this.#waiting[waiting.place] !== waiting) return;
    const last = this.#waiting.pop()!;
    if (last === waiting) return;
    this.#waiting[waiting.place] = last;
    last.place = waiting.place;
  }

  #sweep(): void {
    const now = performance.now();
    // From the end: who gives up is replaced by one that was looked at already, or that has just begun to wait.
    for (let index = this.#waiting.length - 1; index >= 0; index--) {
      const waiting = this.#waiting[index];
      if (waiting && waiting.deadline <= now) waiting.giveUp();
    }
    if (this.#waiting.length > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }
}
