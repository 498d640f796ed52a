import type { Condition } from "./verified.ts";

/** One condition that asks several, in their order; a promise only where one of them waits. */
export const allOf =
  (conditions: readonly Condition[]): Condition =>
  (verified, presented, request) => {
    let pending: Promise<void> | undefined;
    for (const condition of conditions) {
      const later = pending
        ? pending.then(() => condition(verified, presented, request))
        : condition(verified, presented, request);
      if (later) pending = later;
    }
    return pending;
  };
