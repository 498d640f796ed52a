import type { Route } from "@tandem/contracts/route";
import { compileHost } from "@tandem/kernel/patterns/host-pattern";
import type { RouteMatch } from "./config.ts";
import { PathIndex } from "./path-index.ts";

/** A route as the configuration has it: what stages know of it, and when it applies. */
export type RouteDefinition = Route & { readonly match: RouteMatch };

/** What is asked of the table; host and path in their normal form. */
export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly method: string;
}

/** The routes of one generation, compiled. */
export interface RouteTable {
  /** The most specific route that takes the request: by host, then by path, then by method. */
  find(asked: Asked): Route | undefined;
  /** The methods, sorted, that some route takes at this host and path. */
  methodsAt(asked: Omit<Asked, "method">): string[];
}

/** Compiles routes; their faults are to be looked for before (`routeFaults`). */
export function createRouteTable(routes: readonly RouteDefinition[]): RouteTable {
  const hosts = new Map<string, PathIndex>();
  const everyHost = new PathIndex();
  const indexFor = (text: string | undefined): PathIndex => {
    if (text === undefined) return everyHost;
    const { host } = compileHost(text);
    let index = hosts.get(host);
    if (!index) hosts.set(host, (index = new PathIndex()));
    return index;
  };
  for (const { match, ...route } of routes)
    for (const path of pathsOf(match)) indexFor(match.host).add(path, match.methods, Object.freeze(route));
  for (const index of [everyHost, ...hosts.values()]) index.finish();

  // A suffix begins with a dot, which no host does: both can share a map.
  const indexesOf = (host: string): PathIndex[] => {
    const found: PathIndex[] = [];
    const look = (key: string): void => {
      const index = hosts.get(key);
      if (index) found.push(index);
    };
    look(host);
    for (let dot = host.indexOf("."); dot > 0; dot = host.indexOf(".", dot + 1)) look(host.slice(dot));
    found.push(everyHost);
    return found;
  };

  return {
    find({ host, path, method }) {
      const bare = withoutFinalSlash(path);
      if (bare === undefined) return undefined;
      if (hosts.size === 0) return everyHost.find(bare, method);
      for (const index of indexesOf(host)) {
        const route = index.find(bare, method);
        if (route) return route;
      }
      return undefined;
    },
    methodsAt({ host, path }) {
      const bare = withoutFinalSlash(path);
      const methods = new Set<string>();
      if (bare !== undefined) for (const index of indexesOf(host)) index.collect(bare, methods);
      return [...methods].toSorted((a, b) => (a < b ? -1 : 1));
    },
  };
}

/** The path patterns of a match, however many were written. */
export function pathsOf({ path }: Pick<RouteMatch, "path">): readonly string[] {
  return typeof path === "string" ? [path] : path;
}

/** A final slash is not compared; what does not begin with one (`*`, of OPTIONS) leads nowhere. */
function withoutFinalSlash(path: string): string | undefined {
  if (!path.startsWith("/")) return undefined;
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
