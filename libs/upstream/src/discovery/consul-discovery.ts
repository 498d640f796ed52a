import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "@tandem/contracts/upstream";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { backOff } from "./back-off.ts";
import type { ConsulClient, HealthAnswer } from "./consul-client.ts";
import { readEntries } from "./consul-entries.ts";
import type { Source, SourceWatch } from "./discovery.ts";
import { believe, breakOff, dueAt, nobody, type Belief } from "./last-good.ts";
import { listed } from "./listed.ts";
import { createPacer } from "./pacer.ts";
import { tellChanges } from "./tell-changes.ts";

interface ConsulDiscoveryOptions {
  readonly logger: Logger;
  /** Whose instances are asked for. Default: the agent's own. */
  readonly datacenter?: string | undefined;
  /** Milliseconds one question may wait at Consul; the longest that a loss of its state goes unnoticed. */
  readonly wait?: number;
  /** Milliseconds that an instance may take to register again after Consul lost it. */
  readonly grace?: number;
  /** Milliseconds for which it is not believed that several instances, and with them all, vanished at one stroke. */
  readonly emptyGrace?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

type Following = Required<Omit<ConsulDiscoveryOptions, "datacenter">> &
  Pick<ConsulDiscoveryOptions, "datacenter"> & { readonly client: ConsulClient };

const defaults = { wait: 10_000, grace: 30_000, emptyGrace: 5_000, clock: systemClock, random: Math.random };

/** Healthy instances as Consul knows them: one blocking query per watch. Errors never cost an instance; an answer does. */
export function consulDiscovery(client: ConsulClient, options: ConsulDiscoveryOptions): Source {
  return { watch: (service, onChange) => follow(service, onChange, { ...defaults, ...options, client }) };
}

function follow(service: string, onChange: (list: readonly Endpoint[]) => void, following: Following): SourceWatch {
  const { client, datacenter, wait, grace, emptyGrace, clock, random } = following;
  // Not `service`: that is what the process itself is called on each of its lines.
  const logger = following.logger.child({ upstream: service, ...(datacenter !== undefined && { datacenter }) });
  const ending = new AbortController();
  const { signal } = ending;
  const pace = createPacer({ burst: 5, every: 100 });
  const tell = tellChanges(onChange, logger);
  let belief = nobody;
  let index = 0;
  let answeredAt: number | undefined;
  let silentSince: number | undefined;
  let failures = 0;
  let allFailures = 0;
  let fault: string | undefined;
  let doubts: string | undefined;

  const take = (answer: HealthAnswer): void => {
    // An index that went back is another Consul's, or that of one that lost its state: all it says is news.
    const wentBack = answer.index < index;
    if (wentBack) belief = breakOff(belief);
    const now = clock.monotonic();
    // One instance that goes is an ordinary thing, also when it is the last.
    belief = believe(belief, readEntries(answer.entries), { now, grace, emptyGrace, sudden: 2 });
    index = wentBack ? 0 : Math.max(1, answer.index);
    answeredAt = now;
    const before = doubts;
    doubts = doubtsOf(belief);
    if (doubts !== undefined && before === undefined)
      logger.warn("instances that Consul does not name are kept for a while", { because: doubts });
    tell(belief.endpoints);
  };

  const stumble = (error: unknown): void => {
    fault = error instanceof Error ? error.message : String(error);
    silentSince ??= clock.monotonic();
    allFailures++;
    if (failures++ === 0) logger.warn("Consul does not answer; the last known instances are kept", { error: fault });
    belief = breakOff(belief);
    index = 0;
  };

  /** As long as nothing can change by time alone, at most. */
  const patience = (): number => {
    const left = Math.ceil(dueAt(belief, { grace }) - clock.monotonic());
    return Math.min(wait, Math.max(100, left));
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await pause(pace(clock.monotonic()), signal);
        const answer = await client.health(service, { datacenter, index, wait: patience(), signal });
        if (signal.aborted) return;
        take(answer);
        if (failures > 0) logger.info("Consul answers again");
        failures = 0;
        fault = silentSince = undefined;
      } catch (error) {
        if (signal.aborted) return;
        stumble(error);
        await pause(backOff(failures, { random }), signal);
      }
    }
  };
  // Its only way to reject is the end of the watch.
  loop().catch(() => {});

  return {
    evidence: () => {
      const degraded = fault === undefined ? doubts : `Consul does not answer: ${fault}`;
      const now = clock.monotonic();
      return {
        service,
        source: "consul",
        ...listed(belief.endpoints),
        index,
        ...(datacenter !== undefined && { datacenter }),
        ...(answeredAt !== undefined && { ageMs: Math.round(now - answeredAt) }),
        ...(silentSince !== undefined && { silentMs: Math.round(now - silentSince) }),
        failures: allFailures,
        ...(degraded !== undefined && { degraded }),
      };
    },
    suppose(endpoints) {
      if (answeredAt !== undefined || signal.aborted) return;
      belief = breakOff({ endpoints, awaited: [] });
      tell(belief.endpoints);
    },
    close: () => ending.abort(),
  };
}

function doubtsOf({ endpoints, awaited, doubtedUntil }: Belief): string | undefined {
  if (doubtedUntil !== undefined) return `Consul says that all ${endpoints.length} instances are gone at one stroke`;
  return awaited.length > 0 ? `Consul does not vouch for ${awaited.length} known instances` : undefined;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal });
}
