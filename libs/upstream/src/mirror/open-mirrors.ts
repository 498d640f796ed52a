import type { Hops } from "../proxy/hops.ts";
import type { MirrorOptions } from "./config.ts";
import { Mirror, type MirrorCounts } from "./mirror.ts";

/** A route that may copy its requests. */
export interface MirroredRoute {
  readonly name: string;
  readonly mirror?: MirrorOptions | undefined;
}

/** The mirrors of a generation. */
export interface Mirrors {
  /** By the name of the route; a route without one is not there. */
  readonly of: ReadonlyMap<string, Mirror>;
  view(): readonly MirrorView[];
  /** Breaks off the copies under way: nobody waits for them. */
  close(): void;
}

/** One mirror as the admin plane shows it. */
export interface MirrorView extends MirrorCounts {
  readonly route: string;
  readonly service: string;
  readonly percent: number;
}

/** Opens the mirrors that the routes ask for, once per generation. */
export function openMirrors(
  routes: readonly MirroredRoute[],
  { hops, random = Math.random }: { readonly hops: Hops; readonly random?: () => number },
): Mirrors {
  const mirrors = new Map<string, Mirror>();
  for (const { name, mirror: options } of routes) {
    if (!options) continue;
    const hop = hops.get(options.service);
    if (!hop) throw new Error(`the route ${name} is mirrored to ${options.service}, which is no service`);
    mirrors.set(name, new Mirror({ options, hop, hops, random }));
  }
  return {
    of: mirrors,
    view: () =>
      [...mirrors].map(([route, { options, counts }]) => ({
        route,
        service: options.service,
        percent: options.percent,
        ...counts,
      })),
    close() {
      for (const mirror of mirrors.values()) mirror.close();
    },
  };
}
