import { setTimeout as sleep } from "node:timers/promises";
import type { AdminOptions } from "@tandem/kernel/admin/config";
import { createReadiness, type ReadinessCheck } from "@tandem/kernel/admin/readiness";
import type { Gateway } from "@tandem/kernel/gateway";
import type { ListenOptions } from "@tandem/kernel/listener/config";
import { createListener } from "@tandem/kernel/listener/listener";
import { loadTlsMaterial } from "@tandem/kernel/listener/tls-material";
import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import type { LoadResult } from "@tandem/platform/config/load-config";
import { createShutdown } from "@tandem/platform/shutdown";
import type { Pool } from "@tandem/upstream/pool/pool";
import type { TandemConfig, Tier } from "./config.ts";
import { createTierAdmin } from "./tier-admin.ts";
import { openWatching, type Watching } from "./watching.ts";

/** For everything between the signal and the end of the process. */
const graceMs = 15_000;
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
  /** What must hold before others may send requests here. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Whether somebody in front sends requests here until they learn that it is leaving. */
  readonly fronted: boolean;
  /** Tells others the port, once it listens; gives what takes that back. */
  announce?(port: number): { close(): Promise<void> };
  close(): Promise<void>;
}

/** Runs a tier until it is told to end. What keeps it from starting is said in a line, with exit code 1. */
export async function runTier<Config extends TandemConfig>(kind: TierProcess<Config>, file: string): Promise<void> {
  const loaded = kind.load(file);
  if (!loaded.ok) {
    process.stderr.write(`${loaded.diagnostics.map(formatDiagnostic).join("\n")}\n`);
    process.exitCode = 1;
    return;
  }
  const watching = openWatching(kind.tier, loaded.value, { generation: loaded.hash });
  try {
    await start(kind, loaded, watching);
  } catch (error) {
    watching.logger.error("this tier cannot start", { error });
    await watching.close();
    process.exit(1);
  }
}

async function start<Config extends TandemConfig>(
  kind: TierProcess<Config>,
  { value: config, hash: generation }: { readonly value: Config; readonly hash: string },
  watching: Watching,
): Promise<void> {
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
  });
  const admin = createTierAdmin({ config, options: adminOptions, generation, pools: open.pools, watching, readiness });
  await admin.listen();
  const { host, port } = await listener.listen();
  logger.info("listening", { host, port, tls: tls !== undefined, admin: admin.address?.port });
  const announced = open.announce?.(port);

  const shutdown = createShutdown({ logger, graceMs });
  const farewell = async (): Promise<void> => {
    readiness.shutDown();
    await announced?.close();
    // New requests stop to come, while those on their way still arrive.
    if (open.fronted) await sleep(farewellMs);
  };
  shutdown.add("farewell", farewell, { order: 0 });
  shutdown.add("listener", () => listener.close(graceMs - 5_000), { order: 1 });
  shutdown.add(kind.tier, () => open.close(), { order: 2 });
  shutdown.add("admin plane", () => admin.close(), { order: 3 });
  shutdown.add("watching", () => watching.close(), { order: 4 });
  // Started by another process of ours: it ends when that one does, however that ended.
  process.once("disconnect", () => void shutdown.run("the parent process ended"));
}
