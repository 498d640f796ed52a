import { getServers } from "node:dns";
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "@tandem/contracts/upstream";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { backOff } from "../back-off.ts";
import type { Source, SourceWatch } from "../discovery.ts";
import { believe, dueAt, nobody } from "../last-good.ts";
import { listed } from "../listed.ts";
import { createAddressBook } from "./address-book.ts";
import { readServer, type DnsOptions } from "./config.ts";
import { lookUp, type Found } from "./look-up.ts";
import { createResolver, type Resolver } from "./resolver.ts";
import { tellChanges } from "../tell-changes.ts";

interface DnsDiscoveryOptions {
  readonly logger: Logger;
  readonly resolver?: Resolver;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Instances as DNS names them, asked for again when the last answer has run out. What cannot be asked stays as it was. */
export function dnsDiscovery(dns: DnsOptions, options: DnsDiscoveryOptions): Source {
  const servers = dns.servers ?? getServers().flatMap((text) => readServer(text) ?? []);
  const { resolver = createResolver({ servers }) } = options;
  return { watch: (service, onChange) => follow(service, onChange, { ...options, dns, resolver }) };
}

type Following = DnsDiscoveryOptions & { readonly dns: DnsOptions; readonly resolver: Resolver };

function follow(service: string, onChange: (list: readonly Endpoint[]) => void, following: Following): SourceWatch {
  const { dns, resolver, clock = systemClock, random = Math.random } = following;
  const { emptyGrace } = dns;
  const logger = following.logger.child({ upstream: service, name: dns.name });
  const ending = new AbortController();
  const { signal } = ending;
  const book = createAddressBook(resolver, dns.family);
  const tell = tellChanges(onChange, logger);
  let belief = nobody;
  let answeredAt: number | undefined;
  let silentSince: number | undefined;
  let until = 0;
  let server: string | undefined;
  let failures = 0;
  let allFailures = 0;
  let fault: string | undefined;

  const take = (found: Found): void => {
    const now = clock.monotonic();
    const { endpoints: passing } = found;
    const registered = new Set(passing.map(({ origin }) => origin));
    const wasDoubted = belief.doubtedUntil !== undefined;
    // In DNS nobody is seen to leave one by one: any answer that leaves nobody is doubted.
    belief = believe(belief, { passing, registered }, { now, grace: 0, emptyGrace, sudden: 1 });
    if (belief.doubtedUntil !== undefined && !wasDoubted)
      logger.warn("DNS knows no instance any more; they are kept for a while", { instances: belief.endpoints.length });
    answeredAt = now;
    until = now + Math.min(dns.maxTtl, Math.max(dns.minTtl, (found.ttl ?? 0) * 1_000));
    ({ server } = found);
    tell(belief.endpoints);
  };

  const round = async (): Promise<void> => {
    let stumbled: string | undefined;
    try {
      const found = await lookUp(dns, { resolver, book, signal });
      if (signal.aborted) return;
      take(found);
      stumbled = found.fault?.message;
    } catch (error) {
      if (signal.aborted) return;
      stumbled = error instanceof Error ? error.message : String(error);
      silentSince ??= clock.monotonic();
      allFailures++;
      until = clock.monotonic() + backOff(failures + 1, { first: 250, most: 5_000, random });
      if (failures++ === 0) logger.warn("DNS does not answer; the last known instances are kept", { error: stumbled });
      fault = stumbled;
      return;
    }
    if (failures > 0) logger.info("DNS answers again");
    failures = 0;
    silentSince = undefined;
    fault = stumbled;
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      await round();
      const next = Math.min(until, Math.max(dueAt(belief, { grace: 0 }), clock.monotonic() + 100));
      await sleep(Math.max(0, next - clock.monotonic()), undefined, { signal });
    }
  };
  // Its only way to reject is the end of the watch.
  loop().catch(() => {});

  return {
    evidence: () => {
      const now = clock.monotonic();
      return {
        service,
        source: "dns",
        ...listed(belief.endpoints),
        ...(answeredAt !== undefined && { ageMs: Math.round(now - answeredAt) }),
        ...(answeredAt !== undefined && { ttlMs: Math.max(0, Math.round(until - now)) }),
        ...(silentSince !== undefined && { silentMs: Math.round(now - silentSince) }),
        ...(server !== undefined && { server }),
        failures: allFailures,
        ...degradation(fault, belief.doubtedUntil !== undefined),
      };
    },
    suppose(endpoints) {
      if (answeredAt !== undefined || signal.aborted) return;
      belief = { endpoints, awaited: [] };
      tell(belief.endpoints);
    },
    close: () => ending.abort(),
  };
}

function degradation(fault: string | undefined, isDoubted: boolean): { degraded?: string } {
  if (fault !== undefined) return { degraded: `DNS does not answer: ${fault}` };
  return isDoubted ? { degraded: "DNS says that there is no instance any more" } : {};
}
