import type { AttemptOutcome } from "@tandem/contracts/upstream";

/** How an exchange failed: without an answer, or with this status. */
export type FailureKind = AttemptOutcome | number;

const kept = 5;

/** The last few failures of an instance, as evidence for whoever looks. */
export class Failures {
  readonly #kinds: FailureKind[] = [];
  readonly #times: number[] = [];
  total = 0;

  add(kind: FailureKind, now: number): void {
    const at = this.total++ % kept;
    this.#kinds[at] = kind;
    this.#times[at] = now;
  }

  /** The latest first. */
  latest(now: number): { readonly kind: FailureKind; readonly ageMs: number }[] {
    const count = Math.min(kept, this.total);
    return Array.from({ length: count }, (_, back) => {
      const at = (this.total - 1 - back) % kept;
      return { kind: this.#kinds[at]!, ageMs: Math.round(now - this.#times[at]!) };
    });
  }
}
