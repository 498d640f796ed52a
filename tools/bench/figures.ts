/** What one measured run came to. */
export interface Figures {
  readonly cpuPerRequest: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly memory: number;
  readonly failed: number;
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[Math.floor(middle)]!;
}

/** CPU of the second over CPU of the first, pair by pair: the least, the middle and the most. */
export function ratios(pairs: readonly (readonly [Figures, Figures])[]): {
  least: number;
  middle: number;
  most: number;
} {
  const all = pairs.map(([first, second]) => second.cpuPerRequest / first.cpuPerRequest);
  return { least: Math.min(...all), middle: median(all), most: Math.max(...all) };
}

/** A ratio with its spread, as it is printed. */
export function shown({ least, middle, most }: { least: number; middle: number; most: number }): string {
  return `${middle.toFixed(2)}x  (${least.toFixed(2)} to ${most.toFixed(2)})`;
}
