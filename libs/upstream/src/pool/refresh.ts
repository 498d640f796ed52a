import type { Standing } from "@tandem/contracts/pool-counts";
import type { Logger } from "@tandem/platform/log/logger";
import type { SlowStartOptions } from "./config.ts";
import type { PooledInstance } from "./pooled-instance.ts";

/** In so many steps a warm-up goes. */
const steps = 10;

interface Moment {
  readonly slowStart: SlowStartOptions | undefined;
  readonly logger: Logger;
  readonly now: number;
}

/** Ends what time has ended, an ejection, a rest, a warm-up; gives the moment at which time will change something next. */
export function refresh(instance: PooledInstance, { slowStart, logger, now }: Moment): number {
  const { outlier, breaker } = instance;
  if (outlier?.ejected && outlier.until <= now) outlier.comeBack(now);
  breaker?.refresh(now);
  const isIn = instance.healthy && !instance.barred;
  if (isIn !== instance.wasIn) {
    const { id, origin } = instance;
    if (isIn) logger.info("the instance takes part", { instance: id, origin });
    else logger.warn("the instance takes no part", { instance: id, origin, because: reasonOf(instance) });
    instance.warmSince = isIn && slowStart ? now : undefined;
    instance.wasIn = isIn;
  }
  instance.warmth = warmthOf(instance, slowStart, now);
  return Math.min(
    outlier?.ejected ? outlier.until : Number.POSITIVE_INFINITY,
    breaker?.state === "open" ? breaker.until : Number.POSITIVE_INFINITY,
    instance.warmSince !== undefined && slowStart ? now + slowStart.window / steps : Number.POSITIVE_INFINITY,
  );
}

function warmthOf(instance: PooledInstance, slowStart: SlowStartOptions | undefined, now: number): number {
  if (instance.warmSince === undefined || !slowStart) return 1;
  const part = (now - instance.warmSince) / slowStart.window;
  if (part < 1) return Math.max(slowStart.from, part);
  instance.warmSince = undefined;
  return 1;
}

/** The first thing that speaks against it, the weightiest first. */
export function reasonOf({ breaker, unreachable, probed, outlier, warmSince }: PooledInstance): Standing {
  if (breaker?.state === "open") return "breaker-open";
  if (unreachable) return "unreachable";
  if (probed?.healthy === false) return probed.state === "unproven" ? "unproven" : "failing";
  if (outlier?.ejected) return "ejected";
  if (breaker?.state === "half-open") return "half-open";
  if (outlier?.suspect) return "suspect";
  return warmSince === undefined ? "healthy" : "warming";
}
