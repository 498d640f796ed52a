import type { Instance } from "../pool/instance.ts";
import type { Balance } from "./balance.ts";

/** One after the other, each as often as its weight says and evenly spread; the first is drawn, so that many gateways do not begin alike. */
export function roundRobin({ random = Math.random }: { random?: () => number } = {}): Balance {
  return (instances) => {
    const turns = layTurns(instances);
    let next = Math.floor(random() * turns.length);
    return (_, tried) => {
      for (let looked = 0; looked < turns.length; looked++) {
        const instance = turns[next]!;
        next = next + 1 === turns.length ? 0 : next + 1;
        if (!tried.includes(instance)) return instance;
      }
      return undefined;
    };
  };
}

/** The order of one round: an instance of weight 3 stands in it at 1/6, 3/6 and 5/6 of the way. */
function layTurns(instances: readonly Instance[]): readonly Instance[] {
  const divisor = instances.reduce((common, { weight }) => greatestCommonDivisor(common, weight), 0);
  const turns = instances.flatMap((instance) => {
    const share = instance.weight / divisor;
    return Array.from({ length: share }, (_, turn) => ({ instance, at: (turn + 0.5) / share }));
  });
  return turns.toSorted((a, b) => a.at - b.at).map(({ instance }) => instance);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
