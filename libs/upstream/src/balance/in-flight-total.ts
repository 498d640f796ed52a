import type { Instance } from "../pool/instance.ts";

/** Tells how much is in flight. */
export interface FollowInFlight {
  (): number;
  /** What the next call would tell, if nothing changes before it. */
  readonly foresee: () => number;
}

/** How many instances are read anew each time. */
const readings = 4;

/**
 * Follows how much is in flight at all instances together for the price of reading a few: each call goes on where the
 * last one ended. Exact for up to four; beyond that, each number was right at most a quarter of their count of calls ago.
 */
export function followInFlight(instances: readonly Instance[]): FollowInFlight {
  const seen = Int32Array.from(instances, ({ inFlight }) => inFlight);
  let total = seen.reduce((sum, count) => sum + count, 0);
  let next = 0;
  const follow = (): number => {
    for (let reading = Math.min(readings, seen.length); reading > 0; reading--) {
      const { inFlight } = instances[next]!;
      total += inFlight - seen[next]!;
      seen[next] = inFlight;
      next = next + 1 === seen.length ? 0 : next + 1;
    }
    return total;
  };
  const foresee = (): number => {
    let told = total;
    for (let reading = 0; reading < Math.min(readings, seen.length); reading++) {
      const at = (next + reading) % seen.length;
      told += instances[at]!.inFlight - seen[at]!;
    }
    return told;
  };
  return Object.assign(follow, { foresee });
}
