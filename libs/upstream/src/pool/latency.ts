/** Milliseconds after which half of an old measurement is forgotten. */
const halfLife = 5_000;

const decay = Math.LN2 / halfLife;

/**
 * How long an instance takes to begin its answers: it takes over a slower one at once, and comes down by time, half the
 * way in five seconds, however many requests there are meanwhile. So one that hangs is seen with its first answer, and
 * one that is left alone for it looks better by and by.
 */
export class Latency {
  #value = 0;
  #at = 0;

  /** Took so long. */
  measured(ms: number, now: number): void {
    const before = this.at(now);
    const kept = Math.exp((this.#at - now) * decay);
    this.#value = ms >= before || this.#value === 0 ? ms : this.#value * kept + ms * (1 - kept);
    this.#at = now;
  }

  /** Took longer than that, nobody knows how long. */
  exceeded(ms: number, now: number): void {
    if (ms > this.at(now)) this.measured(ms, now);
  }

  at(now: number): number {
    return this.#value === 0 ? 0 : this.#value * Math.exp((this.#at - now) * decay);
  }
}
