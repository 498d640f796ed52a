import type { OutlierOptions } from "./config.ts";
import { OutcomeWindow } from "./outcome-window.ts";

/** So long, in milliseconds, one that could not be ejected stays under suspicion, and nobody asks again. */
const suspicion = 1_000;

/** What an instance did lately, and what it was ejected for; whether it may be ejected at all is for its pool to say. */
export class OutlierRecord {
  readonly #options: OutlierOptions;
  readonly #window: OutcomeWindow | undefined;
  /** Failures in a row. */
  consecutive = 0;
  /** How often it was ejected in all. */
  ejections = 0;
  ejectedAt = 0;
  /** When it may come back; 0 while it is in. */
  until = 0;
  /** It ought to be ejected, and there is no one to do without it. */
  suspect = false;
  /** How many ejections are not yet made good: it grows with each, and shrinks by one with each `base` that it stays in. */
  #rung = 0;
  #returnedAt = Number.NEGATIVE_INFINITY;
  #suspectedAt = Number.NEGATIVE_INFINITY;

  constructor(options: OutlierOptions) {
    this.#options = options;
    this.#window = options.ratio && new OutcomeWindow(options.ratio.window);
  }

  get ejected(): boolean {
    return this.until > 0;
  }

  /** Takes in a good answer to what began at `startedAt`; true when that ends a suspicion. */
  succeeded(startedAt: number, now: number): boolean {
    if (this.ejected || startedAt < this.#returnedAt) return false;
    this.consecutive = 0;
    this.#window?.add(true, now);
    if (!this.suspect || now < this.#suspectedAt + suspicion || this.#exceeds()) return false;
    this.suspect = false;
    return true;
  }

  /** Takes in a failure of what began at `startedAt`; true when it ought to be ejected for that. */
  failed(startedAt: number, now: number): boolean {
    // What began before it was out is a failure of the time before.
    if (this.ejected || startedAt < this.#returnedAt) return false;
    this.consecutive++;
    this.#window?.add(false, now);
    if (now < this.#suspectedAt + suspicion) return false;
    return this.consecutive >= this.#options.failures || this.#exceeds();
  }

  eject(now: number): void {
    const { base, most } = this.#options;
    this.#rung = this.rungAt(now) + 1;
    this.ejections++;
    this.ejectedAt = now;
    this.until = now + Math.min(most, base * this.#rung);
    this.suspect = false;
  }

  suspectIt(now: number): void {
    this.suspect = true;
    this.#suspectedAt = now;
  }

  /** There is somebody to do without it again: its next failure counts. */
  reconsider(): void {
    this.#suspectedAt = Number.NEGATIVE_INFINITY;
  }

  /** It is in again, on trial: until an answer of it is good, one failure is enough. */
  comeBack(now: number): void {
    this.until = 0;
    this.#returnedAt = now;
    this.consecutive = this.#options.failures - 1;
    this.#window?.clear();
  }

  /** It is not the one that failed any more. */
  startAnew(now: number): void {
    this.consecutive = 0;
    this.#returnedAt = now;
    this.until = 0;
    this.suspect = false;
    this.#rung = 0;
    this.#window?.clear();
  }

  /** How many ejections are still held against it. */
  rungAt(now: number): number {
    if (this.ejected) return this.#rung;
    return Math.max(0, this.#rung - Math.floor((now - this.#returnedAt) / this.#options.base));
  }

  #exceeds(): boolean {
    const { ratio } = this.#options;
    return ratio !== undefined && this.#window !== undefined && this.#window.exceeds(ratio.share, ratio.minRequests);
  }
}
