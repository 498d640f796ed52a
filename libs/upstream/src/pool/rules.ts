import type { BreakerOptions } from "../breaker/config.ts";
import { healthSchema, type HealthOptions, type OutlierOptions, type ProbeOptions } from "../health/config.ts";
import { statusesIn } from "../health/statuses.ts";
import type { LimitOptions, SlowStartOptions } from "./config.ts";

/** What a service's options say of whom to send to. */
export interface RuleOptions {
  readonly health: HealthOptions;
  readonly breaker?: BreakerOptions | undefined;
  readonly slowStart?: SlowStartOptions | undefined;
  readonly limit?: LimitOptions | undefined;
  readonly zone?: "any" | "prefer";
}

/** The same, as a pool goes by it. */
export interface Rules {
  readonly isFailing: (status: number) => boolean;
  readonly outlier: OutlierOptions | undefined;
  readonly probe: ProbeOptions | undefined;
  readonly panic: number;
  readonly breaker: BreakerOptions | undefined;
  readonly slowStart: SlowStartOptions | undefined;
  readonly most: number;
  /** The zone to prefer. */
  readonly zone: string | undefined;
}

/** Lays out the options of a service for its pool; `ownZone` is where the gateway stands. */
export function rulesOf(options: RuleOptions, ownZone?: string): Rules {
  const { health, breaker, slowStart, limit, zone } = options;
  return {
    isFailing: statusesIn(health.failing),
    outlier: health.outlier === false ? undefined : health.outlier,
    probe: health.probe,
    panic: health.panic,
    breaker,
    slowStart,
    most: limit?.requests ?? Number.POSITIVE_INFINITY,
    zone: zone === "prefer" ? ownZone : undefined,
  };
}

/** What holds where nothing is said: mild ejection, and nothing else. */
export const mildRules: Rules = rulesOf({ health: healthSchema.parse({}) });

/** Toward the routing gateways: the same, but no status counts, because those that a gateway passes on are a service's. */
export const gatewayRules: Rules = rulesOf({ health: { ...healthSchema.parse({}), failing: [] } });
