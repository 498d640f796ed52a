import type { Point, SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import { readingsOf } from "./readings.ts";

/** What the retry budget of a service has room for. */
export interface BudgetReading {
  readonly service: string;
  readonly left: number;
}

/** Shows how many more tries the services might get now. */
export const budgetMetrics = (tier: string, budgets: () => Iterable<BudgetReading>): readonly SummedMetric[] =>
  readingsOf<BudgetReading>(
    [
      {
        kind: "gauge",
        name: "tandem_retry_budget_left",
        description: "Retries and hedges that a service might get now",
        read: ({ left }) => left,
      },
    ],
    { things: budgets, labels: ({ service }) => ({ tier, service }) },
  );

/** What became of the copies of one route's requests. */
export interface MirrorReading {
  readonly route: string;
  readonly service: string;
  readonly inFlight: number;
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  readonly dropped: number;
  readonly unheld: number;
}

/** Shows what became of copies. */
export const mirrorMetrics = (tier: string, mirrors: () => Iterable<MirrorReading>): readonly SummedMetric[] => [
  {
    kind: "counter",
    name: "tandem_mirrored",
    description:
      "Requests that were to be copied, by what became of the copy; one that is sent is answered or fails later",
    *points(): Generator<Point> {
      for (const { route, service, sent, answered, failed, dropped, unheld } of mirrors())
        for (const [result, value] of Object.entries({ sent, answered, failed, dropped, unheld }))
          yield { labels: { tier, route, service, result }, value };
    },
  },
];

interface HeldReading {
  /** Bytes in use, and how many may be. */
  readonly now: number;
  readonly most: number;
}

/** Shows what bodies that are held whole take of the memory. */
export const heldMetrics = (tier: string, held: () => HeldReading): readonly SummedMetric[] =>
  readingsOf<HeldReading>(
    [
      {
        kind: "gauge",
        name: "tandem_held_bytes",
        description: "Memory that bodies take that are held whole",
        read: ({ now }) => now,
      },
      {
        kind: "gauge",
        name: "tandem_held_limit_bytes",
        description: "Memory that such bodies may take, all together",
        read: ({ most }) => most,
      },
    ],
    { things: () => [held()], labels: () => ({ tier }) },
  );
