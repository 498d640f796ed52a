import type { RequestRecord } from "@tandem/kernel/record";

/**
 * Milliseconds until the first byte of the answer in which no attempt was waited for: our own work, what we asked a store
 * or an issuer, pauses before retries, and the arrival of a body that is read whole first.
 */
export function ownTime({ firstByteAt, duration, attempts }: RequestRecord): number {
  // What we answer ourselves is short: its end is as good as its beginning.
  const end = firstByteAt ?? duration;
  let own = end;
  let waitedUntil = 0;
  for (let place = 0; place < attempts.length; place++) {
    const { startedAt, firstByteAt: answeredAt, endedAt = end } = attempts[place]!;
    // Two that were waited for at once were waited for once.
    const from = Math.max(startedAt, waitedUntil);
    const until = Math.min(answeredAt ?? endedAt, end);
    if (until <= from) continue;
    own -= until - from;
    waitedUntil = until;
  }
  return Math.max(0, own);
}
