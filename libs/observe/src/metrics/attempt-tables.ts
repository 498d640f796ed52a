import type { RequestRecord } from "@tandem/kernel/record";
import { Histogram } from "@tandem/platform/telemetry/histogram";
import type { SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import { durationBounds } from "./duration-bounds.ts";
import { countsOf, newCount, timesOf, type Count } from "./figures.ts";
import { createLabelTable, type LabelTable } from "./label-table.ts";

/** What became of the attempts at instances, and of those that were not made. */
export interface AttemptTables {
  readonly attempts: LabelTable<Count>;
  readonly withheld: LabelTable<Count>;
  readonly waits: LabelTable<Histogram>;
  shown(tier: string): readonly SummedMetric[];
}

/** Makes the tables; services come from the configuration, so that no more than `most` of them means a very large one. */
export function createAttemptTables(most: number): AttemptTables {
  const attempts = createLabelTable({ most: most * 4, make: newCount });
  const withheld = createLabelTable({ most, make: newCount });
  const waits = createLabelTable({ most, make: () => new Histogram(durationBounds) });
  return {
    attempts,
    withheld,
    waits,
    shown: (tier) => [
      countsOf({
        tier,
        name: "tandem_attempts",
        description: "Attempts at instances, by service, why each was made, and its outcome",
        names: ["service", "reason", "outcome"],
        table: attempts,
      }),
      countsOf({
        tier,
        name: "tandem_retries_withheld",
        description:
          "Attempts that were not followed by another although such are, by service and what stood against it",
        names: ["service", "", "reason"],
        table: withheld,
      }),
      timesOf({
        tier,
        name: "tandem_attempt_wait_seconds",
        description: "From the beginning of an attempt to the first byte of its answer, by service",
        names: ["service"],
        table: waits,
      }),
    ],
  };
}

/** Adds up the attempts of one request. */
export function countAttempts({ attempts }: RequestRecord, tables: AttemptTables): void {
  for (let place = 0; place < attempts.length; place++) {
    const { target, reason = "first", outcome = "unfinished", withheld, firstByteAt, startedAt } = attempts[place]!;
    tables.attempts.cell(target, reason, outcome).count++;
    if (withheld !== undefined) tables.withheld.cell(target, "", withheld).count++;
    if (firstByteAt !== undefined) tables.waits.cell(target, "", "").add((firstByteAt - startedAt) / 1000);
  }
}
