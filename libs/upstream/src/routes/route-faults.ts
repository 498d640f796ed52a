import type { Problem } from "@tandem/platform/config/diagnostic";
import { nearest } from "@tandem/platform/config/nearest";
import { servicesOf } from "./services-of.ts";
import type { RouteOptions } from "./config.ts";
import { matchFaults } from "./match-faults.ts";
import { unreachableRoutes } from "./unreachable-routes.ts";

/**
 * What is wrong with routes and services as a whole: names given twice, unknown services, routes that no request can
 * reach, services that no route leads to. Paths begin at the section that holds `routes` and `services`. `managed`: further
 * header names that only the gateways set.
 */
export function routeFaults(
  routes: readonly RouteOptions[],
  services: Readonly<Record<string, unknown>>,
  managed: readonly string[] = [],
): Problem[] {
  return [
    ...repeatedNames(routes),
    ...unknownServices(routes, Object.keys(services)),
    ...matchFaults(routes, managed),
    ...unreachableRoutes(routes),
    ...unusedServices(routes, Object.keys(services)),
  ];
}

function repeatedNames(routes: readonly RouteOptions[]): Problem[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const [index, { name }] of routes.entries()) {
    if (seen.has(name)) problems.push({ path: ["routes", index, "name"], message: `a route is named ${name} already` });
    seen.add(name);
  }
  return problems;
}

function unknownServices(routes: readonly RouteOptions[], known: readonly string[]): Problem[] {
  return routes.flatMap((route, index) =>
    servicesOf(route).flatMap(({ service, path }): Problem[] => {
      if (known.includes(service)) return [];
      const suggestion = nearest(service, known);
      const hint = suggestion === undefined ? {} : { suggestion };
      return [{ path: ["routes", index, ...path], message: `there is no service ${service}`, ...hint }];
    }),
  );
}

function unusedServices(routes: readonly RouteOptions[], known: readonly string[]): Problem[] {
  const used = new Set(routes.flatMap((route) => servicesOf(route).map(({ service }) => service)));
  return known
    .filter((name) => !used.has(name))
    .map((name) => ({ path: ["services", name], at: "key", message: `no route leads to the service ${name}` }));
}
