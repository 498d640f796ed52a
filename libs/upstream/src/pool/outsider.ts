import type { Instance } from "./instance.ts";
import type { PooledInstance } from "./pooled-instance.ts";

/**
 * Somebody for a further try who is out, where everybody who takes part was tried. They get such tries in turn, so that
 * nobody gets all that fails elsewhere; at rest, or before its first good probe, an instance gets none.
 */
export function outsiderOf(
  all: readonly PooledInstance[],
  tried: readonly Instance[],
  turn: number,
): PooledInstance | undefined {
  for (let step = 0; step < all.length; step++) {
    const one = all[(turn + step) % all.length]!;
    if (!one.barred && one.probed?.state !== "unproven" && !tried.includes(one)) return one;
  }
  return undefined;
}
