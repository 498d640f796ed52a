import type { UpstreamIdentity } from "@tandem/contracts/route";
import type { Problem } from "@tandem/platform/config/diagnostic";
import type { RedirectOptions } from "../redirect/config.ts";
import { servicesOf, type LeadingRoute } from "./services-of.ts";

/** Where a route leads, and what is only of use where it leads to a service. */
export interface RouteDestination extends LeadingRoute {
  readonly redirect?: RedirectOptions | undefined;
  readonly identity?: UpstreamIdentity | undefined;
  readonly rewrite?: object | undefined;
  readonly requestHeaders?: object | undefined;
  readonly responseHeaders?: object | undefined;
}

/**
 * Routes that lead nowhere, to two places, or by what no request has when it gets here. `managed` are header names that
 * only the gateways set. Paths begin at the section that holds `routes`.
 */
export function destinationFaults(routes: readonly RouteDestination[], managed: readonly string[]): Problem[] {
  return routes.flatMap((route, index) =>
    [...placeFaults(route), ...mirrorFaults(route), ...splitFaults(route, managed)].map((fault) => ({
      ...fault,
      path: ["routes", index, ...fault.path],
    })),
  );
}

const destinations = ["service", "split", "redirect"] as const;
const towardService = ["rewrite", "requestHeaders", "responseHeaders", "mirror", "identity"] as const;

function placeFaults(route: RouteDestination): Problem[] {
  const [first, ...more] = destinations.filter((key) => route[key] !== undefined);
  if (first === undefined)
    return [{ path: [], message: "the route leads nowhere", expected: "a service, a split or a redirect" }];
  const useless = route.redirect ? towardService.filter((key) => isSaid(route, key)) : [];
  return [
    ...more.map((key): Problem => ({ path: [key], at: "key", message: `the route has a ${first} already` })),
    ...useless.map((key): Problem => ({ path: [key], at: "key", message: "a redirect asks no service" })),
  ];
}

function isSaid(route: RouteDestination, key: (typeof towardService)[number]): boolean {
  return key === "identity" ? (route.identity?.kind ?? "none") !== "none" : route[key] !== undefined;
}

/** The same service as the mirror of itself would do everything twice. */
function mirrorFaults({ mirror, ...route }: RouteDestination): Problem[] {
  if (!mirror || !servicesOf(route).some(({ service }) => service === mirror.service)) return [];
  return [{ path: ["mirror", "service"], message: `${mirror.service} would be asked twice` }];
}

function splitFaults({ split }: RouteDestination, managed: readonly string[]): Problem[] {
  if (!split) return [];
  const { by, among } = split;
  const sides = by === undefined ? ["split"] : ["split", "among"];
  const named = among.flatMap(({ when }, index) =>
    when && "header" in when ? [{ name: when.header.name, path: [...sides, index, "when", "header", "name"] }] : [],
  );
  if (typeof by === "object" && "header" in by) named.push({ name: by.header, path: ["split", "by", "header"] });
  return named
    .filter(({ name }) => managed.includes(name))
    .map(({ name, path }) => ({ path, message: `${name} is a header that only the gateway may set` }));
}
