import type { Endpoint } from "@tandem/contracts/upstream";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { Discovery, Source } from "./discovery.ts";
import type { Snapshots } from "./snapshots.ts";

interface RememberedOptions {
  /** Where the source is, in words that tell it from any other: lists of one are of no use to another. */
  readonly source: string;
  readonly snapshots: Snapshots;
  readonly logger: Logger;
  /** Milliseconds that the source may be silent at first before the disk is asked; an error ends them early. */
  readonly patience?: number;
  /** Milliseconds between two writes, at least. */
  readonly rest?: number;
  readonly clock?: Pick<Clock, "monotonic">;
}

/** Keeps the last good list on disk, and begins with it where the source does not answer. */
export function remembered(discovery: Source, options: RememberedOptions): Discovery {
  const { source, snapshots, patience = 1_000, rest = 5_000, clock = systemClock } = options;
  return {
    watch(service, onChange) {
      const watched = { service, source };
      const logger = options.logger.child({ upstream: service });
      const began = clock.monotonic();
      let closed = false;
      let recalled: { readonly ageMs: number; readonly at: number } | undefined;
      let current: readonly Endpoint[] | undefined;
      let unsaved: readonly Endpoint[] | undefined;
      let isBusy = false;
      let resting: NodeJS.Timeout | undefined;

      const hasAnswered = (): boolean => watch.evidence().ageMs !== undefined;

      const save = async (): Promise<void> => {
        if (isBusy || !unsaved) return;
        const list = unsaved;
        unsaved = undefined;
        isBusy = true;
        await snapshots.write(watched, list);
        if (closed) {
          // What came while it was being written is the last of it.
          isBusy = false;
          return save();
        }
        resting = setTimeout(() => {
          resting = undefined;
          isBusy = false;
          void save();
        }, rest).unref();
      };

      const watch = discovery.watch(service, (endpoints) => {
        // What the source only supposes is on disk already.
        if (hasAnswered()) {
          current = unsaved = endpoints;
          void save();
        }
        onChange(endpoints);
      });

      const recall = async (): Promise<void> => {
        const snapshot = await snapshots.read(watched);
        if (!snapshot || closed || hasAnswered()) return;
        recalled = { ageMs: snapshot.ageMs, at: clock.monotonic() };
        current = snapshot.endpoints;
        logger.warn("there is no answer; the instances are those that were known before the start", {
          ageMs: Math.round(snapshot.ageMs),
        });
        watch.suppose(snapshot.endpoints);
      };

      const looking = setInterval(() => {
        const isSilent = watch.evidence().silentMs !== undefined || clock.monotonic() - began >= patience;
        if (!isSilent && !hasAnswered()) return;
        clearInterval(looking);
        if (!hasAnswered()) void recall();
      }, 50);

      // A list that never changes must not grow too old while it is true.
      const touching = setInterval(() => {
        if (!current || !hasAnswered() || watch.evidence().degraded !== undefined) return;
        unsaved = current;
        void save();
      }, snapshots.maxAge / 4).unref();

      return {
        evidence() {
          const evidence = watch.evidence();
          if (!recalled || hasAnswered()) return evidence;
          const ageMs = Math.round(recalled.ageMs + clock.monotonic() - recalled.at);
          const because = `the list was read from disk and is ${Math.round(ageMs / 1_000)} s old`;
          return {
            ...evidence,
            remembered: { ageMs },
            degraded: [because, evidence.degraded].filter(Boolean).join("; "),
          };
        },
        close() {
          closed = true;
          clearInterval(looking);
          clearInterval(touching);
          watch.close();
          // Nobody waits here for the disk: `settle` of the snapshots does.
          if (!resting) return;
          clearTimeout(resting);
          isBusy = false;
          void save();
        },
      };
    },
  };
}
