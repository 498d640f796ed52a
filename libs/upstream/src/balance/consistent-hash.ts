import type { Exchange } from "@tandem/kernel/exchange";
import type { Instance } from "../pool/instance.ts";
import type { Balance, Foreseen } from "./balance.ts";
import { layRing, slotCount } from "./hash-ring.ts";
import { followInFlight } from "./in-flight-total.ts";
import { leastRequest } from "./least-request.ts";
import { describeKey, requestKey, type HashOf } from "./request-key.ts";

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
    const onRing = (start: number, tried: readonly Instance[], withThis: number): Instance | undefined => {
      for (let step = 0; step < farthest; step++) {
        const index = ring((start + step) & (slotCount - 1));
        const instance = instances[index]!;
        if (tried.includes(instance)) continue;
        if (instance.inFlight < Math.ceil(withThis * room[index]!)) return instance;
      }
      return undefined;
    };
    const choose = (exchange: Exchange, tried: readonly Instance[]): Instance | undefined => {
      const start = keyOf(exchange);
      const found = start === undefined ? undefined : onRing(start, tried, inFlight() + 1);
      return found ?? chooseAny(exchange, tried);
    };
    const foresee = (exchange: Exchange): Foreseen => {
      const start = keyOf(exchange);
      const name = describeKey(of);
      const any = (why: string): Foreseen => {
        const { because, instances: among } = chooseAny.foresee(exchange);
        return { because: `${why}: ${because}`, instances: among };
      };
      if (start === undefined) return any(`it has no ${name}`);
      const owner = instances[ring(start & (slotCount - 1))]!;
      const found = onRing(start, [], inFlight.foresee() + 1);
      if (!found) return any(`whoever its ${name} leads to has too much in flight`);
      if (found === owner) return { because: `its ${name} leads there`, instances: [found] };
      return { because: `its ${name} leads to ${owner.id}, which has too much in flight`, instances: [found] };
    };
    return Object.assign(choose, { foresee });
  };
}
