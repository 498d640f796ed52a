import type { Histogram } from "./histogram.ts";

/** Names and values; one whose value is empty is left out. */
export type Labels = Readonly<Record<string, string>>;

/** One series and its value now. */
export interface Point<Value = number> {
  readonly labels: Labels;
  readonly value: Value;
}

interface Described {
  /** As Prometheus wants it, the unit in it; a counter's `_total` is added. */
  readonly name: string;
  readonly description: string;
}

/**
 * Figures that are summed up where they arise, because an SDK instrument costs a microsecond a call, and read at a scrape:
 * lazily, a piece at a time, so that many of them do not hold the process up.
 */
export type SummedMetric = Described &
  (
    | { readonly kind: "counter" | "gauge"; readonly points: () => Iterable<Point> | Promise<Iterable<Point>> }
    | { readonly kind: "histogram"; readonly points: () => Iterable<Point<Histogram>> }
  );
