import type { SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import { readingsOf } from "./readings.ts";

/** Something that a name stands for at a moment, in epoch milliseconds. */
export interface DatedReading {
  readonly name: string;
  readonly at: number;
}

/** Shows when certificates end that others look at. */
export const certificateMetrics = (tier: string, ends: readonly DatedReading[]): readonly SummedMetric[] =>
  readingsOf<DatedReading>(
    [
      {
        kind: "gauge",
        name: "tandem_certificate_expiry_timestamp_seconds",
        description: "When a certificate that this tier shows ends, in seconds since 1970",
        read: ({ at }) => at / 1000,
      },
    ],
    { things: () => ends, labels: ({ name }) => ({ tier, certificate: name }) },
  );

/** Shows since when keys sign: they have no end of their own, but one that is very old was forgotten. */
export const keyMetrics = (tier: string, keys: () => Iterable<DatedReading>): readonly SummedMetric[] =>
  readingsOf<DatedReading>(
    [
      {
        kind: "gauge",
        name: "tandem_signing_key_start_timestamp_seconds",
        description: "Since when the key signs that signs now, in seconds since 1970",
        read: ({ at }) => at / 1000,
      },
    ],
    { things: keys, labels: ({ name }) => ({ tier, keys: name }) },
  );
