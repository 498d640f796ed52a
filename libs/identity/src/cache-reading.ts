/** How a cache fares, for whoever watches it; it counts for itself. */
export interface CacheReading {
  readonly name: string;
  readonly hits: number;
  readonly misses: number;
  /** Absent where nobody can count what is held. */
  readonly size?: number | undefined;
}
