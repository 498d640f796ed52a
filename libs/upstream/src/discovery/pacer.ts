interface Pace {
  /** So many may follow each other at once. */
  readonly burst: number;
  /** Milliseconds between two, from then on. */
  readonly every: number;
}

/** Keeps a loop from spinning: tells how long the next round has to wait, given the time now. */
export function createPacer({ burst, every }: Pace): (now: number) => number {
  let due = Number.NEGATIVE_INFINITY;
  return (now) => {
    const wait = Math.max(0, due - (burst - 1) * every - now);
    due = Math.max(due, now) + every;
    return wait;
  };
}
