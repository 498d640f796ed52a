import type { Exchange } from "@tandem/kernel/exchange";
import type { Instance } from "../pool/instance.ts";
import type { Choose, Foreseen } from "./balance.ts";
import { roundRobin } from "./round-robin.ts";
import { layLots } from "./weighted-lots.ts";

/** Weighs the instances that are looked at: puts the load of each into the place beside it. */
export type Weigh = (looked: readonly Instance[], loads: Float64Array) => void;

interface LightestOptions {
  readonly weigh: Weigh;
  readonly random: () => number;
}

/** Up to so many are all looked at. */
const few = 3;
/** How often is drawn again when the lot falls on somebody who is not wanted. */
const redraws = 4;

/** Chooses who bears the least: the one whose turn it is or one drawn by lot, and of few anyone. */
export function layLightest(instances: readonly Instance[], options: LightestOptions): Choose {
  return instances.length <= few ? lightestOfAll(instances, options) : lighterOfTwo(instances, options);
}

/**
 * The lighter of two, because the best of all would cost a look at each, and the better of two is never the worst. One
 * of them comes in turn, so that those who bear equally little get exactly their shares.
 */
function lighterOfTwo(instances: readonly Instance[], { weigh, random }: LightestOptions): Choose {
  const takeTurn = roundRobin({ random })(instances);
  const draw = layLots(instances, random);
  const looked: Instance[] = instances.slice(0, 2);
  const loads = new Float64Array(2);
  const drawOther = (first: Instance, tried: readonly Instance[]): Instance | undefined => {
    for (let turn = 0; turn < redraws; turn++) {
      const drawn = draw();
      if (drawn !== first && !tried.includes(drawn)) return drawn;
    }
    const start = Math.floor(random() * instances.length);
    for (let step = 0; step < instances.length; step++) {
      const next = instances[(start + step) % instances.length]!;
      if (next !== first && !tried.includes(next)) return next;
    }
    return undefined;
  };
  const lighterOf = (first: Instance, second: Instance): Instance => {
    looked[0] = first;
    looked[1] = second;
    weigh(looked, loads);
    return loads[1]! < loads[0]! ? second : first;
  };
  const choose = (exchange: Exchange, tried: readonly Instance[]): Instance | undefined => {
    const first = takeTurn(exchange, tried);
    const second = first && drawOther(first, tried);
    return first && second ? lighterOf(first, second) : first;
  };
  const foresee = (exchange: Exchange): Foreseen => {
    const [first] = takeTurn.foresee(exchange).instances;
    const lighter = first ? instances.filter((other) => other !== first && lighterOf(first, other) === other) : [];
    if (!first || lighter.length === 0)
      return { because: "it is its turn, and nobody bears less", instances: [first!] };
    return {
      because: `the turn is ${first.id}'s, unless the lot falls on somebody who bears less`,
      instances: [first, ...lighter],
    };
  };
  return Object.assign(choose, { foresee });
}

/** Of those who bear equally little, the one whose turn it is by weight: chance would spread a quiet service unevenly. */
function lightestOfAll(instances: readonly Instance[], { weigh, random }: LightestOptions): Choose {
  const loads = new Float64Array(instances.length);
  const due = Float64Array.from(instances, ({ weight }) => random() / weight);
  // In a list of its own, because a number that a closure keeps is made anew whenever it changes.
  const now = new Float64Array(1);
  const lightest = (tried: readonly Instance[]): number => {
    weigh(instances, loads);
    let best = -1;
    for (let index = 0; index < instances.length; index++) {
      if (tried.includes(instances[index]!)) continue;
      if (best < 0 || loads[index]! < loads[best]!) best = index;
      else if (loads[index] === loads[best] && due[index]! < due[best]!) best = index;
    }
    return best;
  };
  const choose = (_: unknown, tried: readonly Instance[]): Instance | undefined => {
    const best = lightest(tried);
    if (best < 0) return undefined;
    // Whoever was passed over while busy does not get all of those turns at once when it is idle again.
    now[0] = Math.max(now[0]!, due[best]!);
    due[best] = now[0] + 1 / instances[best]!.weight;
    return instances[best];
  };
  const foresee = (): Foreseen => ({ because: "it bears the least", instances: [instances[lightest(none)]!] });
  return Object.assign(choose, { foresee });
}

const none: readonly Instance[] = [];
