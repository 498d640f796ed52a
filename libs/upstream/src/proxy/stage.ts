import { GatewayError } from "@tandem/contracts/errors";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Stage } from "@tandem/kernel/stage";
import { createIds, type Ids } from "@tandem/platform/random";
import type { ClientTls } from "../exchange/client-tls.ts";
import { createHop, upstreamCodes, type Hop } from "../exchange/hop.ts";
import { passOn } from "../upgrade/pass-on.ts";
import { createUpgrades } from "../upgrade/upgrades.ts";
import type { ServiceConnectionOptions } from "./config.ts";

/** A service as the proxy needs it: its instances, and how long to wait for them. */
export interface ProxiedService {
  readonly pool: Hop["pool"];
  readonly options: Pick<ServiceConnectionOptions, "connectTimeout" | "timeout" | "idleTimeout">;
  readonly tls?: ClientTls | undefined;
}

interface ProxyParts {
  readonly services: ReadonlyMap<string, ProxiedService>;
  /** Names the span of each attempt. */
  readonly ids?: Pick<Ids, "spanId">;
}

/** Sends a request to an instance of its route's service; the last stage of the routing tier. */
export function proxy({ services, ids = createIds() }: ProxyParts): Stage {
  const hops = new Map<string, Hop>();
  for (const [target, { pool, options, tls }] of services)
    hops.set(target, createHop({ target, pool, codes: upstreamCodes, options, tls, ids }));
  const upgrades = createUpgrades();
  return {
    name: "proxy",
    run(exchange) {
      const hop = hops.get(exchange.route?.service ?? "");
      if (!hop) throw new GatewayError("server.error", { cause: new Error("proxy: the route names no known service") });
      introduce(exchange);
      return exchange.act("proxy", () => passOn(exchange, hop, upgrades));
    },
  };
}

/**
 * Tells the service who asks and how. The request's id was set by the prelude; what vouches between the tiers is off
 * the way already: `acceptAssertion` drops it, and from strangers hygiene takes none.
 */
function introduce({ outgoing, request }: Exchange): void {
  outgoing.set("x-forwarded-for", request.clientAddress);
  outgoing.set("x-forwarded-proto", request.scheme);
  outgoing.set("x-forwarded-host", request.header("host") ?? request.host);
}
