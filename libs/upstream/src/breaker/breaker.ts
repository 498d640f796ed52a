import { OutcomeWindow } from "../health/outcome-window.ts";
import type { BreakerOptions } from "./config.ts";

export type BreakerState = "closed" | "open" | "half-open";

/** The breaker of one instance. It only counts and tells the time: who gets which request is for its pool to say. */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #window: OutcomeWindow;
  state: BreakerState = "closed";
  /** How often it opened. */
  opened = 0;
  /** When the rest is over, while it is open. */
  until = 0;
  /** What began earlier says nothing of how the instance fares after its rest. */
  #halfOpenSince = 0;
  /** Until then nobody else is tried; a trial that hangs, or was never begun, does not keep it for ever. */
  #trialUntil = 0;
  #passed = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#window = new OutcomeWindow(options.window);
  }

  /** Takes in how an exchange ended that began at `startedAt`; true when that changed the state. */
  ended(good: boolean, startedAt: number, now: number): boolean {
    if (this.state === "closed") return this.#count(good, now);
    if (this.state === "open" || startedAt < this.#halfOpenSince) return false;
    this.#trialUntil = 0;
    if (!good) return this.#open(now);
    if (++this.#passed < this.#options.trials) return false;
    this.state = "closed";
    this.#window.clear();
    return true;
  }

  /** An exchange ended without saying anything of the instance, such as one whose client left: another may be the trial. */
  endedAnyhow(startedAt: number): void {
    if (this.state === "half-open" && startedAt >= this.#halfOpenSince) this.#trialUntil = 0;
  }

  /** Whether the next request may be the trial. */
  wantsTrial(now: number): boolean {
    return this.state === "half-open" && now >= this.#trialUntil;
  }

  /** The same, and if so, it is. */
  takeTrial(now: number): boolean {
    if (!this.wantsTrial(now)) return false;
    this.#trialUntil = now + this.#options.rest;
    return true;
  }

  /** Ends a rest that is over. */
  refresh(now: number): void {
    if (this.state !== "open" || now < this.until) return;
    this.state = "half-open";
    this.#halfOpenSince = now;
    this.#trialUntil = 0;
    this.#passed = 0;
  }

  /** Whatever failed is not there any more. */
  startAnew(): void {
    this.state = "closed";
    this.#window.clear();
  }

  /** How many ended in the window, and how many of them badly. */
  counts(now: number): { readonly ended: number; readonly failed: number } {
    this.#window.forget(now);
    return { ended: this.#window.ended, failed: this.#window.failed };
  }

  #count(good: boolean, now: number): boolean {
    this.#window.add(good, now);
    const { failures, minRequests } = this.#options;
    return !good && this.#window.exceeds(failures, minRequests) && this.#open(now);
  }

  #open(now: number): true {
    this.state = "open";
    this.opened++;
    this.until = now + this.#options.rest;
    return true;
  }
}
