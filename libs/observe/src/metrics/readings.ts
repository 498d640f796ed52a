import type { Labels, Point, SummedMetric } from "@tandem/platform/telemetry/summed-metrics";

/** One figure that each of some things has. */
export interface Row<Thing> {
  readonly kind: "counter" | "gauge";
  readonly name: string;
  readonly description: string;
  /** Undefined where this thing has no such figure. */
  readonly read: (thing: Thing) => number | undefined;
}

interface Read<Thing> {
  /** Asked anew at each scrape. */
  readonly things: () => Iterable<Thing>;
  readonly labels: (thing: Thing) => Labels;
}

/** Shows the figures of things that count for themselves: nothing is gathered before somebody asks. */
export const readingsOf = <Thing>(rows: readonly Row<Thing>[], { things, labels }: Read<Thing>): SummedMetric[] =>
  rows.map(({ kind, name, description, read }) => ({
    kind,
    name,
    description,
    *points(): Generator<Point> {
      for (const thing of things()) {
        const value = read(thing);
        if (value !== undefined) yield { labels: labels(thing), value };
      }
    },
  }));
