import { createAdmin, type Admin, type AdminSection } from "@tandem/kernel/admin/admin";
import type { AdminOptions } from "@tandem/kernel/admin/config";
import type { Readiness } from "@tandem/kernel/admin/readiness";
import { tracesHandler } from "@tandem/observe/trace/traces-handler";
import type { Pool } from "@tandem/upstream/pool/pool";
import type { TandemConfig } from "./config.ts";
import type { Watching } from "./watching.ts";

interface TierAdminParts {
  readonly options: AdminOptions;
  /** What is in force, and the name of that generation. */
  readonly config: TandemConfig;
  readonly generation: string;
  readonly pools: readonly Pool[];
  /** What the tier itself adds. */
  readonly sections: readonly AdminSection[];
  readonly readiness: Readiness;
  readonly watching: Watching;
}

/** The admin plane of a tier: beside health and metrics, its configuration, its pools and the latest traces. */
export function createTierAdmin(parts: TierAdminParts): Admin {
  const { options, config, generation, pools, sections, readiness, watching } = parts;
  const { tier, service, instance, ids, logger, meters, ring } = watching;
  const traces = tracesHandler(ring, { service, instance });
  const { consul, snapshots, traces: traced, log } = config;
  const own = { [tier]: config[tier], consul, snapshots, traces: traced, log };
  return createAdmin({
    config: options,
    readiness,
    metrics: (request, response) => meters.handle(request, response),
    view: () => ({ service, instance, generation, config: own }),
    sections: [
      { path: "/pools", handler: (_, response) => void response.json(pools.map((pool) => pool.view())) },
      { path: "/traces", handler: traces },
      { path: "/traces/:id", handler: traces },
      ...sections,
    ],
    requestId: () => ids.requestId(),
    logger: logger.child({ part: "admin plane" }),
  });
}
