import { serviceKeysSection } from "@tandem/identity/upstream-identity/service-keys-section";
import { mirrorsSection } from "@tandem/upstream/mirror/mirrors-section";
import { createRegistration } from "@tandem/upstream/registration/registration";
import { loadRouting, type ConfigOf } from "./load.ts";
import { openRoutingParts } from "./routing-parts.ts";
import { routingTier } from "./routing.ts";
import type { TierProcess } from "./serve-tier.ts";
import { routingMetrics } from "./tier-metrics.ts";

/** What `apps/routing-gateway` runs. */
export const routingProcess: TierProcess<ConfigOf<"routing">> = {
  tier: "routing",
  load: loadRouting,
  settings: ({ routing }) => routing,
  async open(config, watching) {
    const { register, listen } = config.routing;
    const parts = await openRoutingParts(config, watching);
    const unknown = new Set(parts.pools.map(({ name }) => name));
    for (const { name, ready } of parts.pools) void ready.then(() => unknown.delete(name));
    return {
      gateway: routingTier(parts),
      pools: parts.pools,
      metrics: routingMetrics(parts),
      certificates: parts.certificates,
      sections: [mirrorsSection(parts.mirrors), ...(parts.serviceKeys ? [serviceKeysSection(parts.serviceKeys)] : [])],
      // A service without an instance is its own trouble; one that was never asked about is ours.
      checks: { discovery: () => (unknown.size === 0 ? undefined : `no answer yet about ${[...unknown].join(", ")}`) },
      fronted: register !== undefined,
      ...(register && {
        announce: (port: number) =>
          createRegistration({
            ...register,
            consul: parts.consul,
            port,
            meta: { scheme: listen.tls ? "https" : "http" },
            logger: watching.logger.child({ part: "registration" }),
          }),
      }),
      close: () => parts.close(),
    };
  },
};
