import type { Exchange } from "@tandem/kernel/exchange";
import { considered } from "@tandem/upstream/routes/considered";
import type { RouteTable } from "@tandem/upstream/routes/route-table";

/** Where a case names a route and the request did not take it: what it lacked for that one, or what came before. */
export function missedRoute(
  { route }: { readonly route?: string | undefined },
  exchange: Exchange,
  table: RouteTable,
): string[] {
  const matched = exchange.route?.name;
  if (route === undefined || route === matched) return [];
  const lacking = [...considered(table, exchange)].filter((one) => one.route === route);
  if (lacking.length > 0)
    return lacking.map(({ host = "", path, lacks }) => `${route} at ${host}${path} lacked ${lacks.join("; ")}`);
  for (const { candidate } of table.candidatesFor(exchange))
    if (candidate.route.name === route) return [`${route} comes after ${matched}, which takes the request`];
  return [`${route} has no path on this host that fits`];
}
