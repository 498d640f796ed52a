/** The time as the rest of the house may ask for it; injected, so that a test decides how late it is. */
export interface Clock {
  /** Milliseconds since 1970: for what others read, such as log lines, token claims and expiry dates. */
  now(): number;
  /** Milliseconds since some start, never going back: for durations, timeouts and limits. */
  monotonic(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
