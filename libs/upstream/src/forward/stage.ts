import { GatewayError } from "@tandem/contracts/errors";
import type { Stage } from "@tandem/kernel/stage";
import { createIds, type Ids } from "@tandem/platform/random";
import type { ClientTls } from "../exchange/client-tls.ts";
import { Deadlines } from "../exchange/deadlines.ts";
import { tierCodes, type Hop } from "../exchange/hop.ts";
import { send } from "../exchange/send.ts";
import { createUpgrades } from "../upgrade/upgrades.ts";
import type { RoutingTierOptions } from "./config.ts";

interface ForwardParts {
  /** The routing gateways, from discovery. */
  readonly pool: Hop["pool"];
  readonly options: Pick<RoutingTierOptions, "connectTimeout" | "timeout" | "idleTimeout">;
  readonly tls?: ClientTls | undefined;
  /** Names the span of each attempt. */
  readonly ids?: Pick<Ids, "spanId">;
}

/** Sends a request that was vouched for to a healthy routing gateway; the last stage of the security tier. */
export function forward({ pool, options, tls, ids = createIds() }: ForwardParts): Stage {
  const timeouts = { connect: options.connectTimeout, firstByte: options.timeout, idle: options.idleTimeout };
  const hop: Hop = {
    target: "routing-gateway",
    vouched: true,
    pool,
    codes: tierCodes,
    timeouts,
    deadlines: new Deadlines(timeouts),
    tls,
    ids,
  };
  const upgrades = createUpgrades();
  return {
    name: "forward",
    run(exchange) {
      // A question about the server as a whole leads nowhere behind it, and has no path to ask for there.
      if (exchange.request.path === "*") throw new GatewayError("route.unknown");
      return exchange.act("forward", () =>
        exchange.request.upgrade ? upgrades.open(exchange, hop) : send(exchange, hop),
      );
    },
  };
}
