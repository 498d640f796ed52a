import { systemClock, type Clock } from "../clock.ts";

/**
 * The wall clock with the resolution of the monotonic one: within the millisecond that the machine's clock shows, always.
 * Spans of two processes on one host can thus be laid side by side, which whole milliseconds would put in the wrong order.
 */
export function createEpochTime(clock: Clock = systemClock, start: number = performance.timeOrigin): () => number {
  let offset = start;
  return () => {
    const monotonic = clock.monotonic();
    const wall = clock.now();
    const estimate = offset + monotonic;
    // Clocks drift apart and are set: the wall clock is right, only coarse.
    if (estimate < wall) offset = wall - monotonic;
    else if (estimate >= wall + 1) offset = wall + 0.999 - monotonic;
    return offset + monotonic;
  };
}
