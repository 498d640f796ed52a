import type { Histogram } from "@tandem/platform/telemetry/histogram";
import type { SummedMetric } from "@tandem/platform/telemetry/summed-metrics";

/** How a store that is asked over the network fares. */
export interface StoreReading {
  /** Its last answer has come, or none was asked for yet. */
  readonly isUp: boolean;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly waits: Histogram;
}

/** Shows how the shared store fares. */
export const storeMetrics = (tier: string, store: () => StoreReading): readonly SummedMetric[] => [
  {
    kind: "gauge",
    name: "tandem_store_up",
    description: "1 unless the store did not answer when it was asked last",
    points: () => [{ labels: { tier }, value: store().isUp ? 1 : 0 }],
  },
  {
    kind: "counter",
    name: "tandem_store_commands",
    description: "Commands to the store, by outcome; those not sent came while it was known to be down",
    points: () => Object.entries(store().outcomes).map(([outcome, value]) => ({ labels: { tier, outcome }, value })),
  },
  {
    kind: "histogram",
    name: "tandem_store_command_seconds",
    description: "How long the store took for a command, failures with it",
    points: () => [{ labels: { tier }, value: store().waits }],
  },
];
