import type { Histogram } from "@tandem/platform/telemetry/histogram";
import type { Labels, Point, SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import type { Entry, LabelTable } from "./label-table.ts";

/** A count under its labels. */
export interface Count {
  count: number;
}

export const newCount = (): Count => ({ count: 0 });

/** How a table is shown: what its labels are called, those that it uses, and what all series have in common. */
export interface Shown {
  readonly tier: string;
  readonly names: readonly string[];
}

/** The series of a table, read one after the other. */
export function* pointsOf<Cell, Value>(
  { entries }: LabelTable<Cell>,
  shown: Shown,
  read: (cell: Cell) => Value,
): Generator<Point<Value>> {
  // By index: cells that are added in the middle of a scrape are read with it.
  for (let place = 0; place < entries.length; place++) {
    const entry = entries[place]!;
    yield { labels: labelsOf(entry, shown), value: read(entry.cell) };
  }
}

function labelsOf({ labels }: Entry<unknown>, { tier, names }: Shown): Labels {
  const named: Record<string, string> = { tier };
  for (const [place, name] of names.entries()) if (name !== "") named[name] = labels[place] ?? "";
  return named;
}

interface CountedTable extends Shown {
  readonly name: string;
  readonly description: string;
  readonly table: LabelTable<Count>;
}

/** Shows a table of counts. */
export const countsOf = ({ name, description, table, ...shown }: CountedTable): SummedMetric => ({
  kind: "counter",
  name,
  description,
  points: () => pointsOf(table, shown, ({ count }) => count),
});

interface TimedTable extends Shown {
  readonly name: string;
  readonly description: string;
  readonly table: LabelTable<Histogram>;
}

/** Shows a table of histograms. */
export const timesOf = ({ name, description, table, ...shown }: TimedTable): SummedMetric => ({
  kind: "histogram",
  name,
  description,
  points: () => pointsOf(table, shown, (cell) => cell),
});
