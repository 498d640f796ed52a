/** Draws that are the same in every run (mulberry32). */
export interface Drawing {
  /** From 0 to less than 1. */
  readonly next: () => number;
  /** True in that share of all draws. */
  readonly chance: (share: number) => boolean;
  readonly one: <T>(of: readonly T[]) => T;
  /** A whole number, from 0 to less than the limit. */
  readonly below: (limit: number) => number;
}

export function drawing(seed: number): Drawing {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    chance: (share) => next() < share,
    one: (of) => of[Math.floor(next() * of.length)]!,
    below: (limit) => Math.floor(next() * limit),
  };
}
