import type { Balance } from "./balance.ts";
import { layLightest, type Weigh } from "./lightest.ts";

/**
 * Where a request would wait least: the latency as of late, times what is in flight there for its weight and this
 * request itself. Weights decide among those that are equally fast. The pool lets the latency of whoever is left alone
 * fade, so that one that was slow is asked again.
 */
export function peakEwma({ random = Math.random }: { readonly random?: () => number } = {}): Balance {
  return (instances) => {
    const usual = instances.reduce((sum, { weight }) => sum + weight, 0) / instances.length;
    const weigh: Weigh = (looked, loads) => {
      let fastest = Number.POSITIVE_INFINITY;
      for (let index = 0; index < looked.length; index++) {
        const { latency } = looked[index]!;
        loads[index] = latency;
        if (latency > 0 && latency < fastest) fastest = latency;
      }
      // Who has not answered yet is taken for as fast as the best beside it: it gets its share, and no more while it is silent.
      const assumed = fastest === Number.POSITIVE_INFINITY ? 1 : fastest;
      for (let index = 0; index < looked.length; index++) {
        const { inFlight, weight } = looked[index]!;
        // This request counts the same at each, or else the heavier of two idle ones would get everything.
        loads[index] = (loads[index]! || assumed) * (inFlight / weight + 1 / usual);
      }
    };
    return layLightest(instances, { weigh, random });
  };
}
