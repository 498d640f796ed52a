import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import { createShutdown } from "@tandem/platform/shutdown";
import { makeAllYoung } from "@tandem/platform/young-objects";
import type { TandemConfig } from "./config.ts";
import { serveTier, type TierProcess } from "./serve-tier.ts";
import { openWatching } from "./watching.ts";

/** For everything between the signal and the end of the process. */
const graceMs = 15_000;
/** Of it, for the requests under way. */
const requestsMs = 10_000;

/** Runs a tier until it is told to end. What keeps it from starting is said in a line, with exit code 1. */
export async function runTier<Config extends TandemConfig>(kind: TierProcess<Config>, file: string): Promise<void> {
  makeAllYoung();
  const loaded = kind.load(file);
  if (!loaded.ok) {
    process.stderr.write(`${loaded.diagnostics.map(formatDiagnostic).join("\n")}\n`);
    process.exitCode = 1;
    return;
  }
  const watching = openWatching(kind.tier, loaded.value, { generation: loaded.hash });
  const { logger } = watching;
  try {
    const { ending } = await serveTier(kind, loaded, watching);
    const shutdown = createShutdown({ logger, graceMs });
    for (const [order, step] of ending.entries()) shutdown.add(step.name, () => step.close(requestsMs), { order });
    shutdown.add("watching", () => watching.close(), { order: ending.length });
    // Started by another process of ours: it ends when that one does, however that ended.
    process.once("disconnect", () => void shutdown.run("the parent process ended"));
  } catch (error) {
    logger.error("this tier cannot start", { error });
    await watching.close();
    process.exit(1);
  }
}
