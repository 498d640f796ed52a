interface CostOptions {
  readonly times?: number;
}

/** Milliseconds that a run costs where nothing disturbs it: the best of several. To be compared with another, never with a clock. */
export function costOf(run: () => void, { times = 20 }: CostOptions = {}): number {
  let best = Infinity;
  for (let time = 0; time < times; time++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
