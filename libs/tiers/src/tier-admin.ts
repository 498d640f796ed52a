import { createAdmin, type Admin, type AdminSection } from "@tandem/kernel/admin/admin";
import type { AdminOptions } from "@tandem/kernel/admin/config";
import type { Gateway } from "@tandem/kernel/gateway";
import type { Readiness } from "@tandem/kernel/admin/readiness";
import { ratesOf, type RatesAnswer } from "@tandem/observe/metrics/rates-of";
import { pageSections } from "@tandem/observe/page/page-sections";
import { requestsSections } from "@tandem/observe/requests/requests-sections";
import { tracesHandler } from "@tandem/observe/trace/traces-handler";
import type { Pool } from "@tandem/upstream/pool/pool";
import type { TandemConfig } from "./config.ts";
import { explainSection } from "./explain/explain-section.ts";
import type { Watching } from "./watching.ts";

interface TierAdminParts {
  readonly options: AdminOptions;
  /** What is in force, and the name of that generation. */
  readonly config: TandemConfig;
  readonly generation: string;
  readonly gateway: Gateway;
  readonly pools: readonly Pool[];
  /** What the tier itself adds. */
  readonly sections: readonly AdminSection[];
  readonly readiness: Readiness;
  readonly watching: Watching;
}

/** The admin plane of a tier: beside health and metrics, its configuration, its pools, the latest requests and traces, and the page that shows them. */
export function createTierAdmin(parts: TierAdminParts): Admin {
  const { options, config, generation, gateway, pools, sections, readiness, watching } = parts;
  const { tier, service, instance, ids, logger, metrics, meters, ring, recent } = watching;
  const traces = tracesHandler(ring, { service, instance });
  const rates = async (): Promise<RatesAnswer> => {
    const { inFlight, summed } = metrics;
    return { service, instance, at: Date.now(), inFlight, ...(await ratesOf(summed)) };
  };
  const { consul, snapshots, traces: traced, log } = config;
  const own = { [tier]: config[tier], consul, snapshots, traces: traced, log };
  return createAdmin({
    config: options,
    readiness,
    metrics: (request, response) => meters.handle(request, response),
    view: () => ({ service, instance, generation, config: own }),
    sections: [
      { path: "/pools", handler: (_, response) => void response.json(pools.map((pool) => pool.view())) },
      { path: "/rates", handler: async (_, response) => void response.json(await rates()) },
      explainSection({ tier, gateway, who: { service, instance, generation } }),
      { path: "/traces", handler: traces },
      { path: "/traces/:id", handler: traces },
      ...requestsSections(recent, { service, instance }),
      ...sections,
      ...pageSections(),
    ],
    requestId: () => ids.requestId(),
    logger: logger.child({ part: "admin plane" }),
  });
}
