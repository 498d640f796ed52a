import { GatewayError } from "@tandem/contracts/errors";
import type { Exchange } from "@tandem/kernel/exchange";
import { explainMatch } from "./explain-match.ts";
import { holdBody } from "@tandem/kernel/hold-body";
import type { Stage } from "@tandem/kernel/stage";
import type { Found, RouteTable } from "./route-table.ts";

/** Finds the route of a request; no stage behind it looks at host and path again to decide where it goes. */
export function matchRoute(table: RouteTable): Stage {
  return {
    name: "matchRoute",
    run(exchange) {
      const found = table.find(exchange);
      return typeof found === "number" ? takeByBody(table, exchange, found) : take(table, exchange, found);
    },
    explain: (exchange) => explainMatch(table, exchange),
  };
}

const comeBack = { headers: { "retry-after": "1" } };

/** Reads no more of the body than the next condition looks at. */
async function takeByBody(table: RouteTable, exchange: Exchange, limit: number): Promise<void> {
  let found: Found | number | undefined = limit;
  while (typeof found === "number") {
    const looked: number = found;
    // Where it leads depends on what it says: unread, it would lead elsewhere only because others are being read.
    if ((await holdBody(exchange.request, looked)) === "no-room") throw new GatewayError("server.busy", comeBack);
    found = table.find(exchange, looked);
  }
  take(table, exchange, found);
}

function take(table: RouteTable, exchange: Exchange, found: Found | undefined): void {
  if (!found) throw refusal(table, exchange);
  exchange.route = found.route;
  exchange.pattern = found.pattern;
  exchange.record.route = found.route.name;
  exchange.record.routePattern = found.pattern.text;
}

function refusal(table: RouteTable, exchange: Exchange): GatewayError {
  const methods = table.methodsAt(exchange);
  if (methods.length === 0) return new GatewayError("route.unknown");
  const allow = methods.join(", ");
  return new GatewayError("route.method", { detail: `It supports ${allow}.`, headers: { allow } });
}
