import { GatewayError } from "@tandem/contracts/errors";
import type { Stage } from "@tandem/kernel/stage";
import { foreseeHop, refuseNobody } from "../exchange/foresee-hop.ts";
import { passOn } from "../upgrade/pass-on.ts";
import { createUpgrades } from "../upgrade/upgrades.ts";
import { hopFor, type Hops } from "./hops.ts";
import { introduce } from "./introduce.ts";

/** Sends a request to an instance of the service that was chosen for it, or that its route names; the last stage of the routing tier. */
export function proxy({ hops }: { readonly hops: Hops }): Stage {
  const upgrades = createUpgrades();
  return {
    name: "proxy",
    run(exchange) {
      const hop = hopFor(exchange, hops);
      if (!hop) throw new GatewayError("server.error", { cause: new Error("proxy: the route names no known service") });
      introduce(exchange);
      refuseNobody(exchange, hop);
      return exchange.act("proxy", () => passOn(exchange, hop, upgrades));
    },
    explain(exchange) {
      const hop = hopFor(exchange, hops);
      return hop && foreseeHop(exchange, hop);
    },
  };
}
