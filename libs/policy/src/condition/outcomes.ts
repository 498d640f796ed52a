import type { Principal } from "@tandem/contracts/principal";

const share = 512;

/** What a condition came to for callers, as long as they are asked about: when one generation is full, the one before is let go. */
export class Outcomes {
  #young = new Map<Principal, boolean | Error>();
  #old = new Map<Principal, boolean | Error>();

  /** Undefined for callers who were never asked about, or not for long. */
  known(principal: Principal): boolean | Error | undefined {
    const young = this.#young.get(principal);
    if (young !== undefined) return young;
    const old = this.#old.get(principal);
    if (old !== undefined) this.keep(principal, old);
    return old;
  }

  keep(principal: Principal, outcome: boolean | Error): void {
    if (this.#young.size >= share) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(principal, outcome);
  }
}
