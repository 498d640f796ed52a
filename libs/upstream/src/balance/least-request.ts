import type { Balance } from "./balance.ts";
import { layLightest, type Weigh } from "./lightest.ts";

/** To whom the fewest exchanges for its weight are in flight, as this gateway knows it from its own. */
export function leastRequest({ random = Math.random }: { readonly random?: () => number } = {}): Balance {
  return (instances) => layLightest(instances, { weigh, random });
}

const weigh: Weigh = (looked, loads) => {
  for (let index = 0; index < looked.length; index++) loads[index] = looked[index]!.inFlight / looked[index]!.weight;
};
