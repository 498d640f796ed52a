import type { SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import { readingsOf, type Row } from "./readings.ts";

/** How a cache fares. */
export interface CacheReading {
  readonly name: string;
  readonly hits: number;
  readonly misses: number;
  /** Absent where nobody can count what is held. */
  readonly size?: number | undefined;
}

/** Shows the caches of a tier. */
export const cacheMetrics = (tier: string, caches: () => Iterable<CacheReading>): readonly SummedMetric[] =>
  readingsOf(rows, { things: caches, labels: ({ name }) => ({ tier, cache: name }) });

const rows: readonly Row<CacheReading>[] = [
  { kind: "counter", name: "tandem_cache_hits", description: "Looks that found something", read: ({ hits }) => hits },
  {
    kind: "counter",
    name: "tandem_cache_misses",
    description: "Looks that found nothing, or nothing that still held",
    read: ({ misses }) => misses,
  },
  { kind: "gauge", name: "tandem_cache_entries", description: "What a cache holds", read: ({ size }) => size },
];
