import type { Seen } from "./pool-view.ts";
import { reasonOf, type Standing } from "./refresh.ts";

/** A pool in numbers, for metrics: none of them is of one instance alone, whose name somebody else chose. */
export interface PoolCounts {
  readonly name: string;
  /** How many instances stand how; a standing that nobody has is left out, but for `healthy`. */
  readonly instances: Readonly<Partial<Record<Standing, number>>>;
  /** Taken away by discovery, with exchanges still to end. */
  readonly leaving: number;
  readonly inFlight: number;
  readonly limit?: number;
  readonly ejections: number;
  readonly breaks: number;
  readonly isPanicking: boolean;
  readonly panics: number;
  readonly discovery: {
    readonly source: string;
    readonly isDegraded: boolean;
    readonly ageMs?: number;
    readonly silentMs?: number;
    readonly failures?: number;
  };
}

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
