import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { AdminSection } from "@tandem/kernel/admin/admin";
import type { AdminOptions } from "@tandem/kernel/admin/config";
import { createReadiness, type ReadinessCheck } from "@tandem/kernel/admin/readiness";
import type { Gateway } from "@tandem/kernel/gateway";
import type { ListenOptions } from "@tandem/kernel/listener/config";
import { createListener } from "@tandem/kernel/listener/listener";
import { loadTlsMaterial } from "@tandem/kernel/listener/tls-material";
import { connectionLog } from "@tandem/observe/connection-log/connection-log";
import { watchConnections } from "@tandem/observe/metrics/connection-metrics";
import { certificateMetrics, type DatedReading } from "@tandem/observe/metrics/expiry-metrics";
import { poolMetrics } from "@tandem/observe/metrics/pool-metrics";
import type { LoadResult } from "@tandem/platform/config/load-config";
import type { SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import type { Pool } from "@tandem/upstream/pool/pool";
import type { TandemConfig, Tier } from "./config.ts";
import { createTierAdmin } from "./tier-admin.ts";
import type { Watching } from "./watching.ts";

/** How long whoever is in front may take to notice that this process leaves, before it stops to accept. */
const farewellMs = 1_000;

/** One kind of process: how its configuration is read, and what is opened with it. */
export interface TierProcess<Config extends TandemConfig> {
  readonly tier: Tier;
  load(file: string): LoadResult<Config>;
  settings(config: Config): { readonly listen: ListenOptions; readonly admin: AdminOptions };
  open(config: Config, watching: Watching): Promise<OpenTier>;
}

/** A tier that is ready to listen. */
export interface OpenTier {
  readonly gateway: Gateway;
  readonly pools: readonly Pool[];
  /** What it adds to the metrics. */
  readonly metrics: readonly SummedMetric[];
  /** What it shows to others, beside what its listener does, and when that ends. */
  readonly certificates: readonly DatedReading[];
  /** What it adds to the admin plane. */
  readonly sections: readonly AdminSection[];
  /** What must hold before others may send requests here. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Whether somebody in front sends requests here until they learn that it is leaving. */
  readonly fronted: boolean;
  /** Tells others the port, once it listens; gives what takes that back. */
  announce?(port: number): { close(): Promise<void> };
  close(): Promise<void>;
}

/** A tier that listens. */
export interface ServingTier {
  readonly gateway: Gateway;
  readonly port: number;
  readonly adminPort: number;
  /** What ends it, one step after the other; `graceMs` is for the requests under way. */
  readonly ending: readonly { readonly name: string; close(graceMs: number): Promise<void> }[];
}

/** Opens a tier and lets it listen, its admin plane first; `watching` stays its owner's to close. */
export async function serveTier<Config extends TandemConfig>(
  kind: TierProcess<Config>,
  { value: config, hash: generation }: { readonly value: Config; readonly hash: string },
  watching: Watching,
): Promise<ServingTier> {
  const { ids, logger } = watching;
  const { listen, admin: adminOptions } = kind.settings(config);
  const tls = listen.tls && loadTlsMaterial(listen.tls);
  const open = await kind.open(config, watching);
  const readiness = createReadiness(open.checks);
  const listener = createListener({
    config: listen,
    ...(tls && { tls }),
    gateway: () => open.gateway,
    requestId: () => ids.requestId(),
    logger: logger.child({ part: "listener" }),
    onConnection: connectionLog({
      tier: kind.tier,
      service: watching.service,
      instance: watching.instance,
      lines: logger,
      which: config.log.connections,
    }),
  });
  const { gateway, pools, sections, metrics, certificates } = open;
  const { tier } = kind;
  const { meters } = watching;
  watchConnections(meters.meter, { tier, stats: () => listener.stats });
  const shown = certificateMetrics(tier, [...(tls ? [endOf("listener", tls.certificate)] : []), ...certificates]);
  const unwatch = meters.add([
    ...poolMetrics({ tier, pools: () => pools.map((pool) => pool.counts()) }),
    ...metrics,
    ...shown,
  ]);
  const admin = createTierAdmin({
    config,
    options: adminOptions,
    generation,
    gateway,
    pools,
    sections,
    watching,
    readiness,
  });
  const { port: adminPort } = await admin.listen();
  const { host, port } = await listener.listen();
  logger.info("listening", { host, port, tls: tls !== undefined, admin: adminPort });
  const announced = open.announce?.(port);

  const farewell = async (): Promise<void> => {
    readiness.shutDown();
    await announced?.close();
    // New requests stop to come, while those on their way still arrive.
    if (open.fronted) await sleep(farewellMs);
  };
  return {
    gateway,
    port,
    adminPort,
    ending: [
      { name: "farewell", close: farewell },
      { name: "listener", close: (graceMs) => listener.close(graceMs) },
      {
        name: tier,
        close: async () => {
          unwatch();
          await open.close();
        },
      },
      { name: "admin plane", close: () => admin.close() },
    ],
  };
}

/** When the first certificate of a chain ends. */
const endOf = (name: string, pem: string): DatedReading => ({
  name,
  at: new X509Certificate(pem).validToDate.getTime(),
});
