import type { Problem } from "@tandem/platform/config/diagnostic";
import type { MirrorOptions } from "../mirror/config.ts";
import type { SplitOptions } from "../split/config.ts";

/** What a route says of services. */
export interface LeadingRoute {
  readonly service?: string | undefined;
  readonly split?: SplitOptions | undefined;
  readonly mirror?: MirrorOptions | undefined;
}

/** A service that a route names, and where in the route. */
export interface NamedService {
  readonly service: string;
  readonly path: Problem["path"];
}

/** Every service that a route names, in whatever part of it. */
export function servicesOf({ service, split, mirror }: LeadingRoute): NamedService[] {
  // A split that says by what is written with its list one level deeper.
  const sides = split?.by === undefined ? ["split"] : ["split", "among"];
  return [
    ...(service === undefined ? [] : [{ service, path: ["service"] }]),
    ...(split?.among ?? []).map((side, index) => ({ service: side.service, path: [...sides, index, "service"] })),
    ...(mirror ? [{ service: mirror.service, path: ["mirror", "service"] }] : []),
  ];
}
