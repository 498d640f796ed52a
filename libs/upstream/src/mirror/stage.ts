import type { Exchange } from "@tandem/kernel/exchange";
import { holdBody } from "@tandem/kernel/hold-body";
import type { RequestView } from "@tandem/kernel/request-view";
import type { Stage } from "@tandem/kernel/stage";
import { introduce } from "../proxy/introduce.ts";
import type { Mirror } from "./mirror.ts";

/**
 * Sends copies of requests to the mirrors of their routes. It stands right before the proxy, so that a copy is what the
 * route's own service is asked. A tunnel is nothing that could be copied, and a dry run sends nothing.
 */
export function mirror(mirrors: ReadonlyMap<string, Mirror>): Stage {
  return {
    name: "mirror",
    idle: mirrors.size === 0,
    run(exchange) {
      const known = exchange.route && mirrors.get(exchange.route.name);
      if (!known || exchange.transport.kind !== "http" || !known.draw()) return;
      return exchange.request.body ? copyWithBody(exchange, known) : copy(exchange, known);
    },
    explain({ route, request }) {
      const known = route && mirrors.get(route.name);
      return known && foreseeCopy(known, request);
    },
  };
}

async function copyWithBody(exchange: Exchange, known: Mirror): Promise<void> {
  const { request } = exchange;
  // Whoever states no length may go on with the body only when an answer has begun: held back, it would never end.
  const stated = request.header("content-length") !== undefined;
  const held = stated ? await holdBody(request, known.options.holdBody) : "too-long";
  if (held === "too-long") known.passOver();
  else if (held === "no-room") known.drop();
  else if (!exchange.over) copy(exchange, known);
}

function copy(exchange: Exchange, known: Mirror): void {
  introduce(exchange);
  known.copy(exchange);
}

/** Whether a copy would go, and where; no lot is drawn for it. */
function foreseeCopy(known: Mirror, request: RequestView): object {
  const { service, percent } = known.options;
  const obstacle = obstacleOf(known, request);
  return { service, copied: obstacle === undefined ? `${percent} of a hundred` : `never: ${obstacle}` };
}

function obstacleOf({ options, counts }: Mirror, request: RequestView): string | undefined {
  if (request.upgrade !== undefined) return "a tunnel is nothing that could be copied";
  if (counts.inFlight >= options.most) return "as many copies as may be are under way";
  if (!request.body) return undefined;
  const length = request.header("content-length");
  if (length === undefined) return "nobody knows how long its body will be";
  return Number(length) > options.holdBody ? "its body is too long" : undefined;
}
