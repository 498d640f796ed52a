import { setTimeout as sleep } from "node:timers/promises";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { rotateKeys, type Rotation, type RotationOptions } from "./rotate-keys.ts";
import { RotationUnderWay } from "./rotation-lock.ts";

/** Keys that are rotated without anybody asking. */
export interface ScheduledRotation extends RotationOptions {
  readonly directory: string;
  readonly every: number;
}

interface Surroundings {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Milliseconds from one look to the next, more or less: gateways that share a directory shall not look all at once. */
  readonly interval?: number;
  readonly random?: () => number;
}

/** Looks about every minute whether keys are due, until it is closed. Of several gateways that share a directory one rotates. */
export function scheduleRotation(
  keys: ScheduledRotation,
  { logger, clock = systemClock, interval = 60_000, random = Math.random }: Surroundings,
): { close(): Promise<void> } {
  const { directory } = keys;
  const ending = new AbortController();
  let complaint = "";

  const look = async (): Promise<void> => {
    try {
      tell(await rotateKeys(directory, keys, { clock }), directory, logger);
      complaint = "";
    } catch (error) {
      if (error instanceof RotationUnderWay) return;
      const message = `the keys cannot be rotated: ${error instanceof Error ? error.message : String(error)}`;
      if (message !== complaint) logger.error(message, { directory, error });
      complaint = message;
    }
  };
  const follow = async (): Promise<void> => {
    // The first look comes soon: a gateway may have been away for long, or never run for long.
    for (let wait = interval / 60; await passed(wait * (0.5 + random()), ending.signal); wait = interval) await look();
  };
  const following = follow();

  return {
    close: () => {
      ending.abort();
      return following;
    },
  };
}

/** Whether the time has passed, or was cut short. */
const passed = (ms: number, signal: AbortSignal): Promise<boolean> =>
  sleep(ms, true, { signal, ref: false }).catch(() => false);

function tell({ made, retired }: Rotation, directory: string, logger: Logger): void {
  if (made)
    logger.info("made the next key", { directory, kid: made.kid, signsFrom: new Date(made.signsFrom).toISOString() });
  for (const { kid } of retired) logger.info("removed a key that nothing good is signed with", { directory, kid });
}
