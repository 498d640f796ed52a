import type { Endpoint } from "@tandem/contracts/upstream";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { ChoiceView, Discovery, Watch } from "./discovery.ts";
import { fingerprint } from "./fingerprint.ts";

/** One of the places where instances can be had. */
export interface Choice {
  readonly name: string;
  readonly discovery: Discovery;
}

interface FailoverOptions {
  readonly logger: Logger;
  /** Milliseconds for which the better ones are waited for at the beginning. */
  readonly patience?: number;
  /** Milliseconds after which one that does not answer is lost, if another one answers. */
  readonly lostAfter?: number;
  readonly clock?: Clock;
}

/** What the choice of the moment is made by. */
export interface Standing {
  readonly list: readonly Endpoint[] | undefined;
  readonly silentMs: number | undefined;
}

/** Instances of the first of several places that has any; back to the better one as soon as that has some again. */
export function failover(choices: readonly Choice[], options: FailoverOptions): Discovery {
  const { patience = 1_000, lostAfter = 30_000, clock = systemClock } = options;
  return {
    watch(service, onChange) {
      const logger = options.logger.child({ upstream: service });
      const began = clock.monotonic();
      const lists: (readonly Endpoint[] | undefined)[] = [];
      let inUse: number | undefined;
      let told: string | undefined;

      const decide = (): void => {
        const standings = watches.map((watch, at) => ({ list: lists[at], silentMs: watch.evidence().silentMs }));
        const hasWaited = clock.monotonic() - began >= patience;
        const next = prefer(standings, { inUse, lostAfter, hasWaited });
        const endpoints = next === undefined ? undefined : lists[next];
        if (next === undefined || !endpoints) return;
        if (next !== (inUse ?? 0))
          logger.warn("the instances of another place are in use", { place: choices[next]?.name });
        inUse = next;
        const list = fingerprint(endpoints);
        if (list === told) return;
        told = list;
        onChange(endpoints);
      };

      const watches = choices.map(({ discovery }, at): Watch =>
        discovery.watch(service, (endpoints) => {
          lists[at] = endpoints;
          decide();
        }),
      );
      // Nobody tells that somebody says nothing.
      const looking = setInterval(decide, patience).unref();

      return {
        evidence() {
          const all = watches.map((watch) => watch.evidence());
          const at = inUse ?? 0;
          const grounds = all[at];
          if (!grounds) throw new TypeError("a failover has at least one choice");
          const views = choices.map(({ name }, index): ChoiceView => {
            const { degraded } = all[index] ?? {};
            const count = lists[index]?.length;
            return {
              name,
              inUse: index === inUse,
              ...(count !== undefined && { count }),
              ...(degraded && { degraded }),
            };
          });
          const because = at > 0 ? `${choices[at]?.name} stands in for ${choices[0]?.name}` : undefined;
          const degraded = [because, grounds.degraded].filter(Boolean).join("; ");
          const failures = all.reduce((sum, one) => sum + (one.failures ?? 0), 0);
          return { ...grounds, failures, choices: views, ...(degraded && { degraded }) };
        },
        close() {
          clearInterval(looking);
          for (const watch of watches) watch.close();
        },
      };
    },
  };
}

interface Moment {
  readonly inUse: number | undefined;
  readonly lostAfter: number;
  /** The better ones were given their time to speak. */
  readonly hasWaited: boolean;
}

/**
 * Which place is to be used, by its index; undefined while that cannot be said. One that has instances and says nothing
 * is lost after a while, and only then gives way, and only to one that answers: where nobody answers, it is the agent
 * between us that is gone, and all stays as it is.
 */
export function prefer(standings: readonly Standing[], { inUse, lostAfter, hasWaited }: Moment): number | undefined {
  const awaited = standings.findIndex(({ list, silentMs }) => list === undefined && silentMs === undefined);
  const known = inUse === undefined && !hasWaited && awaited >= 0 ? standings.slice(0, awaited) : standings;
  const has = (at: number): boolean => (known[at]?.list?.length ?? 0) > 0;
  const good = known.findIndex(
    ({ silentMs }, at) => has(at) && (at === inUse ? (silentMs ?? 0) < lostAfter : silentMs === undefined),
  );
  if (good >= 0) return good;
  if (inUse !== undefined && has(inUse)) return inUse;
  // While somebody better may still speak, neither an old list nor an empty one is the answer.
  if (known.length < standings.length) return undefined;
  const any = known.findIndex((_, at) => has(at));
  if (any >= 0) return any;
  const empty = known.findIndex(({ list }) => list !== undefined);
  return empty >= 0 ? empty : undefined;
}
