import type { Principal } from "@tandem/contracts/principal";

const share = 512;

/** What a condition came to for callers, as long as they are asked about: when one generation is full, the one before is let go. */
export class Outcomes {
  #young = new Map<Principal, boolean | Error>();
  #old = new Map<Principal, boolean | Error>();

  of(principal: Principal, find: () => boolean | Error): boolean | Error {
    const known = this.#young.get(principal);
    if (known !== undefined) return known;
    const outcome = this.#old.get(principal) ?? find();
    if (this.#young.size >= share) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(principal, outcome);
    return outcome;
  }
}
