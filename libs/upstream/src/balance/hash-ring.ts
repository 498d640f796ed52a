import type { Instance } from "../pool/instance.ts";
import { hashText, mix } from "./hash-text.ts";

/** So many that even with hundreds of instances each gets about its share. */
export const slotCount = 65_536;

/** Finds the owner of a slot, as an index into the list. */
export type Ring = (slot: number) => number;

/**
 * A ring of slots, for each of which all instances have run a race: whoever arrives first owns it, and the heavier runs
 * the faster. How long one takes depends on itself and the slot alone, so that when one leaves exactly its slots fall to
 * others, and when one comes it takes exactly its share (rendezvous hashing). Slots are raced for when they are first asked for.
 */
export function layRing(instances: readonly Instance[]): Ring {
  const runners = Int32Array.from(instances, ({ origin }) => hashText(origin));
  // Two origins of one hash would else run alike for ever.
  const doubles = Int32Array.from(instances, ({ origin }) => hashText(`${origin}/`));
  const pace = Float64Array.from(instances, ({ weight }) => 1 / weight);
  const owners = new Int32Array(slotCount);
  const race = (slot: number): number => {
    const track = mix(slot + slotCount);
    let owner = 0;
    let best = Number.POSITIVE_INFINITY;
    for (let index = 0; index < runners.length; index++) {
      const drawn = ((mix(track ^ runners[index]!) ^ doubles[index]!) >>> 0) + 0.5;
      const even = drawn / 4_294_967_296;
      // The logarithm is never less than this, and costs more than all the rest.
      if ((1 - even) * pace[index]! >= best) continue;
      const time = -Math.log(even) * pace[index]!;
      if (time >= best) continue;
      best = time;
      owner = index;
    }
    return owner;
  };
  return (slot) => {
    const known = owners[slot]!;
    if (known > 0) return known - 1;
    const owner = race(slot);
    owners[slot] = owner + 1;
    return owner;
  };
}
