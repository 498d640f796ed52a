import { setTimeout as sleep } from "node:timers/promises";

interface Patience {
  readonly within: number;
  readonly every?: number;
}

/** Waits until something holds and gives how long that took, in milliseconds; names it when it never does. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  patience: Patience,
): Promise<number> {
  const { within, every = 25 } = patience;
  const began = performance.now();
  let last: unknown;
  while (performance.now() - began < within) {
    try {
      if (await holds()) return performance.now() - began;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(every);
  }
  throw new Error(`not within ${within} ms: ${what}`, { cause: last });
}
