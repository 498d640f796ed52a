import type { Problem } from "@tandem/platform/config/diagnostic";
import { nearest } from "@tandem/platform/config/nearest";
import type { MirrorOptions } from "../mirror/config.ts";
import type { RedirectOptions } from "../redirect/config.ts";
import type { SplitOptions } from "./config.ts";

/** Where a route leads. */
export interface RouteDestination {
  readonly service?: string | undefined;
  readonly split?: SplitOptions | undefined;
  readonly redirect?: RedirectOptions | undefined;
  readonly mirror?: MirrorOptions | undefined;
  readonly rewrite?: object | undefined;
  readonly requestHeaders?: object | undefined;
  readonly responseHeaders?: object | undefined;
}

/** A service that is named, and where in its route. */
interface Named {
  readonly service: string;
  readonly path: Problem["path"];
}

/**
 * Routes that lead nowhere, to two places, or to a service that there is not, and services that no route leads to. Paths
 * begin at the section that holds `routes` and `services`.
 */
export function destinationFaults(
  routes: readonly RouteDestination[],
  services: Readonly<Record<string, unknown>>,
): Problem[] {
  const known = Object.keys(services);
  return [
    ...routes.flatMap((route, index) =>
      [...shapeFaults(route), ...unknownServices(route, known)].map((fault) => ({
        ...fault,
        path: ["routes", index, ...fault.path],
      })),
    ),
    ...unusedServices(routes, known),
  ];
}

const destinations = ["service", "split", "redirect"] as const;
const towardService = ["rewrite", "requestHeaders", "responseHeaders", "mirror"] as const;

function shapeFaults(route: RouteDestination): Problem[] {
  const [first, ...more] = destinations.filter((key) => route[key] !== undefined);
  if (first === undefined)
    return [{ path: [], message: "the route leads nowhere", expected: "a service, a split or a redirect" }];
  const twice = more.map((key): Problem => ({ path: [key], at: "key", message: `the route has a ${first} already` }));
  const useless = route.redirect ? towardService.filter((key) => route[key] !== undefined) : [];
  return [
    ...twice,
    ...useless.map((key): Problem => ({ path: [key], at: "key", message: "a redirect asks no service" })),
    ...askedTwice(route),
  ];
}

/** The same service as the mirror of itself would do everything twice. */
function askedTwice({ mirror, ...route }: RouteDestination): Problem[] {
  if (!mirror || !servicesOf(route).some(({ service }) => service === mirror.service)) return [];
  return [{ path: ["mirror", "service"], message: `${mirror.service} would be asked twice` }];
}

function servicesOf({ service, split, mirror }: RouteDestination): Named[] {
  // A split that says by what is written with its list one level deeper.
  const sides = split?.by === undefined ? ["split"] : ["split", "among"];
  return [
    ...(service === undefined ? [] : [{ service, path: ["service"] }]),
    ...(split?.among ?? []).map((side, index) => ({ service: side.service, path: [...sides, index, "service"] })),
    ...(mirror ? [{ service: mirror.service, path: ["mirror", "service"] }] : []),
  ];
}

function unknownServices(route: RouteDestination, known: readonly string[]): Problem[] {
  return servicesOf(route)
    .filter(({ service }) => !known.includes(service))
    .map(({ service, path }) => {
      const suggestion = nearest(service, known);
      const hint = suggestion === undefined ? {} : { suggestion };
      return { path, message: `there is no service ${service}`, ...hint };
    });
}

function unusedServices(routes: readonly RouteDestination[], known: readonly string[]): Problem[] {
  const used = new Set(routes.flatMap((route) => servicesOf(route).map(({ service }) => service)));
  return known
    .filter((name) => !used.has(name))
    .map((name) => ({ path: ["services", name], at: "key", message: `no route leads to the service ${name}` }));
}
