import type { PoolCounts } from "@tandem/contracts/pool-counts";
import type { Point, SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import { readingsOf, type Row } from "./readings.ts";

interface WatchedPools {
  readonly tier: string;
  readonly pools: () => Iterable<PoolCounts>;
}

/** Shows pools by service. Instances are only counted: there are as many, by as many names, as discovery says. */
export const poolMetrics = ({ tier, pools }: WatchedPools): readonly SummedMetric[] => [
  {
    kind: "gauge",
    name: "tandem_pool_instances",
    description: "Instances of a service, by how they stand",
    *points(): Generator<Point> {
      for (const { name, instances, leaving } of pools()) {
        for (const [state, value] of Object.entries(instances)) yield { labels: { tier, service: name, state }, value };
        if (leaving > 0) yield { labels: { tier, service: name, state: "leaving" }, value: leaving };
      }
    },
  },
  ...readingsOf(rows, { things: pools, labels: ({ name }) => ({ tier, service: name }) }),
  ...readingsOf(discoveryRows, {
    things: pools,
    labels: ({ name, discovery }) => ({ tier, service: name, source: discovery.source }),
  }),
];

const rows: readonly Row<PoolCounts>[] = [
  {
    kind: "gauge",
    name: "tandem_pool_requests_in_flight",
    description: "Attempts under way at a service",
    read: ({ inFlight }) => inFlight,
  },
  {
    kind: "gauge",
    name: "tandem_pool_requests_limit",
    description: "How many attempts may be under way at a service at once, where that is limited",
    read: ({ limit }) => limit,
  },
  {
    kind: "gauge",
    name: "tandem_pool_panicking",
    description: "1 while so few instances are healthy that requests go to all",
    read: ({ isPanicking }) => (isPanicking ? 1 : 0),
  },
  {
    kind: "counter",
    name: "tandem_pool_panics",
    description: "Times that too few instances were healthy",
    read: ({ panics }) => panics,
  },
  {
    kind: "counter",
    name: "tandem_ejections",
    description: "Times that an instance was ejected for its failures",
    read: ({ ejections }) => ejections,
  },
  {
    kind: "counter",
    name: "tandem_breaker_openings",
    description: "Times that the breaker of an instance opened",
    read: ({ breaks }) => breaks,
  },
];

const discoveryRows: readonly Row<PoolCounts>[] = [
  {
    kind: "gauge",
    name: "tandem_discovery_age_seconds",
    description: "Since discovery last had an answer about a service",
    read: ({ discovery: { ageMs } }) => seconds(ageMs),
  },
  {
    kind: "gauge",
    name: "tandem_discovery_silent_seconds",
    description: "For how long discovery has had no answer; 0 while it has",
    read: ({ discovery: { silentMs = 0 } }) => silentMs / 1000,
  },
  {
    kind: "gauge",
    name: "tandem_discovery_degraded",
    description: "1 while the list of instances may be out of date",
    read: ({ discovery: { isDegraded } }) => (isDegraded ? 1 : 0),
  },
  {
    kind: "counter",
    name: "tandem_discovery_failures",
    description: "Questions that discovery had no answer to",
    read: ({ discovery: { failures } }) => failures,
  },
];

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);
