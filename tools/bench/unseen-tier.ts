// A tier that does all its work and leaves no trace of it: no log line, no metric, no span, no id for a request. It is here to
// be compared with, and nothing that is configured makes a gateway like this. `node unseen-tier.ts TIER FILE`
import { openRoutingParts } from "@tandem/tiers/routing-parts";
import { routingProcess } from "@tandem/tiers/routing-process";
import { routingTier } from "@tandem/tiers/routing";
import { runTier } from "@tandem/tiers/run-tier";
import { openSecurityParts } from "@tandem/tiers/security-parts";
import { securityProcess } from "@tandem/tiers/security-process";
import { securityTier } from "@tandem/tiers/security";

const nobody = { prelude: [], observers: [] };
const bare = { sections: [], metrics: [], certificates: [], checks: {}, fronted: false };
const [tier, file = ""] = process.argv.slice(2);

if (tier === "security")
  await runTier(
    {
      ...securityProcess,
      async open(config, watching) {
        const parts = await openSecurityParts(config, watching);
        return { ...bare, gateway: securityTier(parts, nobody), pools: [parts.pool], close: () => parts.close() };
      },
    },
    file,
  );
else
  await runTier(
    {
      ...routingProcess,
      async open(config, watching) {
        const parts = await openRoutingParts(config, watching);
        return { ...bare, gateway: routingTier(parts, nobody), pools: parts.pools, close: () => parts.close() };
      },
    },
    file,
  );
