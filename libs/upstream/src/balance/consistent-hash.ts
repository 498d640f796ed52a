import type { Balance } from "./balance.ts";
import { layRing, slotCount } from "./hash-ring.ts";
import { followInFlight } from "./in-flight-total.ts";
import { leastRequest } from "./least-request.ts";
import { requestKey, type HashOf } from "./request-key.ts";

/** What decides, and how much more than its share an instance may have in flight. */
export interface ConsistentHashOptions {
  readonly of: HashOf;
  readonly maxLoad: number;
}

/** How far along the ring somebody with room is looked for: that many are full only by a key that is asked for all the time. */
const farthest = 32;

/**
 * The same instance for the same key, at every gateway and after a restart. Where it has more than its share in flight,
 * or was tried, the next on the ring. Without a key, and where a long stretch of the ring is full, as `leastRequest` does it.
 */
export function consistentHash(
  { of, maxLoad }: ConsistentHashOptions,
  { random }: { readonly random?: () => number } = {},
): Balance {
  const keyOf = requestKey(of);
  const spreadAny = leastRequest(random && { random });
  return (instances) => {
    const ring = layRing(instances);
    const inFlight = followInFlight(instances);
    const weights = instances.reduce((sum, { weight }) => sum + weight, 0);
    const room = Float64Array.from(instances, ({ weight }) => (maxLoad * weight) / weights);
    const chooseAny = spreadAny(instances);
    return (exchange, tried) => {
      const start = keyOf(exchange);
      if (start === undefined) return chooseAny(exchange, tried);
      const withThis = inFlight() + 1;
      for (let step = 0; step < farthest; step++) {
        const index = ring((start + step) & (slotCount - 1));
        const instance = instances[index]!;
        if (tried.includes(instance)) continue;
        if (instance.inFlight < Math.ceil(withThis * room[index]!)) return instance;
      }
      return chooseAny(exchange, tried);
    };
  };
}
