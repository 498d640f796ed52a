import { GatewayError } from "@tandem/contracts/errors";
import type { Stage } from "@tandem/kernel/stage";
import type { RouteTable } from "./route-table.ts";

/** Finds the route of a request; no stage behind it looks at host and path again to decide where it goes. */
export function matchRoute(table: RouteTable): Stage {
  return {
    name: "matchRoute",
    run(exchange) {
      const { request } = exchange;
      const route = table.find(request);
      if (!route) throw refusal(table, request);
      exchange.route = route;
      exchange.record.route = route.name;
    },
  };
}

function refusal(table: RouteTable, asked: { host: string; path: string }): GatewayError {
  const methods = table.methodsAt(asked);
  if (methods.length === 0) return new GatewayError("route.unknown");
  const allow = methods.join(", ");
  return new GatewayError("route.method", { detail: `It supports ${allow}.`, headers: { allow } });
}
