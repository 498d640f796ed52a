import type { PoolCounts, Standing } from "@tandem/contracts/pool-counts";
import type { Seen } from "./pool-view.ts";
import { reasonOf } from "./refresh.ts";

/** Counts a pool as it is at this moment. */
export function countPool({ name, all, table, rules, house, leaving, evidence }: Seen): PoolCounts {
  const instances: Partial<Record<Standing, number>> = { healthy: 0 };
  for (const instance of all) {
    const standing = reasonOf(instance);
    instances[standing] = (instances[standing] ?? 0) + 1;
  }
  const { source, ageMs, silentMs, failures, degraded } = evidence;
  return {
    name,
    instances,
    leaving,
    inFlight: house.inFlight,
    ...(rules.most < Number.POSITIVE_INFINITY && { limit: rules.most }),
    ejections: house.ejections,
    breaks: house.breaks,
    isPanicking: table.reason === "panic",
    panics: table.panics,
    discovery: {
      source,
      isDegraded: degraded !== undefined,
      ...(ageMs !== undefined && { ageMs }),
      ...(silentMs !== undefined && { silentMs }),
      ...(failures !== undefined && { failures }),
    },
  };
}
