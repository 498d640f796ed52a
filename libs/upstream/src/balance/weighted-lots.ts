import type { Instance } from "../pool/instance.ts";

/** Draws one of a list by lot, each as often as its weight says: as fast from a thousand as from two (Walker's aliases). */
export function layLots(instances: readonly Instance[], random: () => number): () => Instance {
  const count = instances.length;
  const total = instances.reduce((sum, { weight }) => sum + weight, 0);
  // Each column is an even share of the whole: up to its mark it belongs to one instance, above it to another.
  const marks = Float64Array.from(instances, ({ weight }) => (weight * count) / total);
  const others = Uint32Array.from(instances, (_, index) => index);
  const short: number[] = [];
  const long: number[] = [];
  for (const [index, mark] of marks.entries()) (mark < 1 ? short : long).push(index);
  while (short.length > 0 && long.length > 0) {
    const poor = short.pop()!;
    const rich = long.at(-1)!;
    others[poor] = rich;
    marks[rich]! -= 1 - marks[poor]!;
    if (marks[rich]! < 1) short.push(long.pop()!);
  }
  // Rounding leaves some a hair short of a whole column with nobody to fill it.
  for (const index of short) marks[index] = 1;
  return () => {
    const drawn = random() * count;
    const column = Math.floor(drawn);
    return instances[drawn - column < marks[column]! ? column : others[column]!]!;
  };
}
