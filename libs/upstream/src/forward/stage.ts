import { GatewayError } from "@tandem/contracts/errors";
import type { Stage } from "@tandem/kernel/stage";
import { createIds, type Ids } from "@tandem/platform/random";
import type { ClientTls } from "../connections/client-tls.ts";
import { foreseeHop, refuseNobody } from "../exchange/foresee-hop.ts";
import { createHop, tierCodes, type Hop } from "../exchange/hop.ts";
import { passOn } from "../upgrade/pass-on.ts";
import { createUpgrades } from "../upgrade/upgrades.ts";
import type { RoutingTierOptions } from "./config.ts";

interface ForwardParts {
  /** The routing gateways, from discovery. */
  readonly pool: Hop["pool"];
  readonly options: Pick<RoutingTierOptions, "connectTimeout" | "timeout" | "idleTimeout"> &
    Partial<Pick<RoutingTierOptions, "upgrades">>;
  readonly tls?: ClientTls | undefined;
  /** Names the span of each attempt. */
  readonly ids?: Pick<Ids, "spanId">;
}

/** Sends a request that was vouched for to a healthy routing gateway; the last stage of the security tier. */
export function forward({ pool, options, tls, ids = createIds() }: ForwardParts): Stage {
  const hop = createHop({ target: "routing-gateway", vouched: true, pool, codes: tierCodes, options, tls, ids });
  const upgrades = createUpgrades();
  return {
    name: "forward",
    run(exchange) {
      // A question about the server as a whole leads nowhere behind it, and has no path to ask for there.
      if (exchange.request.path === "*") throw new GatewayError("route.unknown");
      refuseNobody(exchange, hop);
      return exchange.act("forward", () => passOn(exchange, hop, upgrades));
    },
    explain: (exchange) => (exchange.request.path === "*" ? undefined : foreseeHop(exchange, hop)),
  };
}
