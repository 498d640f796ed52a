import { loadSecurity, type ConfigOf } from "./load.ts";
import type { TierProcess } from "./serve-tier.ts";
import { openSecurityParts } from "./security-parts.ts";
import { securityMetrics } from "./tier-metrics.ts";
import { securityTier } from "./security.ts";

/** What `apps/security-gateway` runs. */
export const securityProcess: TierProcess<ConfigOf<"security">> = {
  tier: "security",
  load: loadSecurity,
  settings: ({ security }) => security,
  async open(config, watching) {
    const parts = await openSecurityParts(config, watching);
    return {
      gateway: securityTier(parts),
      pools: [parts.pool],
      metrics: securityMetrics(parts),
      certificates: parts.certificates,
      sections: parts.sections,
      checks: {
        revocations: () => parts.revocations.notReady(),
        "routing tier": () => (parts.pool.instances.length > 0 ? undefined : "no routing gateway is known"),
      },
      // A balancer asks /readyz before it sends the next connection; without one there is nobody to wait for.
      fronted: config.security.listen.proxyProtocol !== undefined,
      close: () => parts.close(),
    };
  },
};
