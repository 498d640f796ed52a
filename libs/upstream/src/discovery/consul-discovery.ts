import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "@tandem/contracts/upstream";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { backOff } from "./back-off.ts";
import type { ConsulClient, HealthAnswer } from "./consul-client.ts";
import { readEntries } from "./consul-entries.ts";
import type { Discovery, Watch } from "./discovery.ts";
import { believe, breakOff, nobody } from "./last-good.ts";
import { createPacer } from "./pacer.ts";

interface ConsulDiscoveryOptions {
  readonly logger: Logger;
  /** Milliseconds one question may wait at Consul; the longest that a loss of its state goes unnoticed. */
  readonly wait?: number;
  /** Milliseconds that an instance may take to register again after Consul lost it. */
  readonly grace?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

type Following = Required<ConsulDiscoveryOptions> & { readonly client: ConsulClient };

/** Healthy instances as Consul knows them: one blocking query per service. Errors never cost an instance; an answer does. */
export function consulDiscovery(client: ConsulClient, options: ConsulDiscoveryOptions): Discovery {
  const following = { client, wait: 10_000, grace: 30_000, clock: systemClock, random: Math.random, ...options };
  return { watch: (service, onChange) => follow(service, onChange, following) };
}

function follow(service: string, onChange: (list: readonly Endpoint[]) => void, following: Following): Watch {
  const { client, wait, grace, clock, random } = following;
  // Not `service`: that is what the process itself is called on each of its lines.
  const logger = following.logger.child({ upstream: service });
  const ending = new AbortController();
  const { signal } = ending;
  const pace = createPacer({ burst: 5, every: 100 });
  let belief = nobody;
  let told: string | undefined;
  let index = 0;
  let answeredAt: number | undefined;
  let failures = 0;
  let fault: string | undefined;
  let waitingFor = 0;

  const take = (answer: HealthAnswer): void => {
    // An index that went back is another Consul's, or that of one that lost its state: all it says is news.
    const wentBack = answer.index < index;
    if (wentBack) belief = breakOff(belief);
    const now = clock.monotonic();
    belief = believe(belief, readEntries(answer.entries), { now, grace });
    index = wentBack ? 0 : Math.max(1, answer.index);
    answeredAt = now;
    noteMissing(belief.awaited.length);
    const list = fingerprint(belief.endpoints);
    // A blocking query may return without any change.
    if (list === told) return;
    onChange(belief.endpoints);
    told = list;
    logger.info("the instances of a service have changed", { instances: belief.endpoints.map(({ id }) => id) });
  };

  const noteMissing = (missing: number): void => {
    if (missing > 0 && waitingFor === 0)
      logger.warn("Consul has lost instances; they are kept until they register again", { missing });
    waitingFor = missing;
  };

  const stumble = (error: unknown): void => {
    fault = error instanceof Error ? error.message : String(error);
    if (failures++ === 0) logger.warn("Consul does not answer; the last known instances are kept", { error: fault });
    belief = breakOff(belief);
    index = 0;
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await pause(pace(clock.monotonic()), signal);
        const answer = await client.health(service, { index, wait, signal });
        if (signal.aborted) return;
        take(answer);
        if (failures > 0) logger.info("Consul answers again");
        failures = 0;
        fault = undefined;
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
    evidence: () => ({
      service,
      source: "consul",
      endpoints: belief.endpoints,
      index,
      ...(answeredAt !== undefined && { ageMs: Math.round(clock.monotonic() - answeredAt) }),
      ...degradation(fault, waitingFor),
    }),
    close: () => ending.abort(),
  };
}

function degradation(fault: string | undefined, missing: number): { degraded?: string } {
  if (fault !== undefined) return { degraded: `Consul does not answer: ${fault}` };
  return missing > 0 ? { degraded: `Consul does not vouch for ${missing} known instances` } : {};
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal });
}

/** The list as a text: the same for the same instances, in whatever order they came. */
function fingerprint(endpoints: readonly Endpoint[]): string {
  return endpoints
    .map(({ id, origin, weight }) => `${origin} ${weight} ${id}`)
    .toSorted()
    .join("\n");
}
