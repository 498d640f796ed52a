import type { SigningKeys } from "@tandem/identity/keys/signing-keys";
import { cacheMetrics } from "@tandem/observe/metrics/cache-metrics";
import { keyMetrics, type DatedReading } from "@tandem/observe/metrics/expiry-metrics";
import { storeMetrics } from "@tandem/observe/metrics/store-metrics";
import { budgetMetrics, heldMetrics, mirrorMetrics } from "@tandem/observe/metrics/traffic-metrics";
import type { SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import { budgetsLeft } from "@tandem/upstream/proxy/hops";
import type { RoutingParts } from "./routing-parts.ts";
import type { SecurityParts } from "./security-parts.ts";

/** What the parts of the security tier count for themselves. */
export function securityMetrics({ caches, store, signing }: SecurityParts): readonly SummedMetric[] {
  const { stats } = store;
  return [
    ...cacheMetrics("security", () => caches),
    // The same object at every scrape: what it holds changes.
    ...(stats ? storeMetrics("security", () => store.stats ?? stats) : []),
    ...keyMetrics("security", () => datesOf(signing)),
  ];
}

/** What the parts of the routing tier count for themselves. */
export const routingMetrics = ({
  caches,
  proxy,
  mirrors,
  heldBytes,
  serviceKeys,
}: RoutingParts): readonly SummedMetric[] => [
  ...cacheMetrics("routing", () => caches),
  ...budgetMetrics("routing", () => budgetsLeft(proxy.hops)),
  ...mirrorMetrics("routing", () => mirrors.view()),
  ...heldMetrics("routing", () => heldBytes),
  ...keyMetrics("routing", () => datesOf({ services: serviceKeys })),
];

function* datesOf(signing: Readonly<Record<string, SigningKeys | undefined>>): Generator<DatedReading> {
  for (const [name, keys] of Object.entries(signing)) if (keys) yield { name, at: keys.newest.signsFrom };
}
