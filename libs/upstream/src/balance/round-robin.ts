import type { Instance } from "../pool/instance.ts";
import type { Balance, Foreseen } from "./balance.ts";

/**
 * One after the other, each as often as its weight says and evenly spread. Every instance is due once in each `1 / weight`
 * of a round, first at a moment drawn by lot, so that many gateways do not begin alike, nor one that begins anew all the time.
 */
export function roundRobin({ random = Math.random }: { readonly random?: () => number } = {}): Balance {
  return (instances) => {
    const due = Float64Array.from(instances, ({ weight }) => random() / weight);
    const pause = Float64Array.from(instances, ({ weight }) => 1 / weight);
    // Sorted, and so a heap: whoever is due next is at its top.
    const heap = Uint32Array.from(instances, (_, index) => index).toSorted((a, b) => due[a]! - due[b]! || a - b);
    const choose = (_: unknown, tried: readonly Instance[]): Instance | undefined => {
      const place = tried.length === 0 ? 0 : nextUntried(tried);
      if (place < 0) return undefined;
      const index = heap[place]!;
      due[index]! += pause[index]!;
      sink(heap, due, place);
      return instances[index];
    };
    const foresee = (): Foreseen => ({ because: "it is its turn", instances: [instances[heap[0]!]!] });
    return Object.assign(choose, { foresee });

    function nextUntried(tried: readonly Instance[]): number {
      let next = -1;
      for (let place = 0; place < heap.length; place++) {
        if (tried.includes(instances[heap[place]!]!)) continue;
        if (next < 0 || isBefore(due, heap[place]!, heap[next]!)) next = place;
      }
      return next;
    }
  };
}

/** Moves whoever is due later than before down to a place of its own. */
function sink(heap: Uint32Array, due: Float64Array, from: number): void {
  const moved = heap[from]!;
  let place = from;
  for (let child = 2 * place + 1; child < heap.length; child = 2 * place + 1) {
    if (child + 1 < heap.length && isBefore(due, heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(due, heap[child]!, moved)) break;
    heap[place] = heap[child]!;
    place = child;
  }
  heap[place] = moved;
}

function isBefore(due: Float64Array, a: number, b: number): boolean {
  const ahead = due[a]! - due[b]!;
  return ahead < 0 || (ahead === 0 && a < b);
}
