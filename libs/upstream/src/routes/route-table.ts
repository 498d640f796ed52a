import type { Route } from "@tandem/contracts/route";
import { compileHost } from "@tandem/kernel/patterns/host-pattern";
import { compilePath, type PathPattern } from "@tandem/kernel/patterns/path-pattern";
import { deepFreeze } from "@tandem/platform/config/deep-freeze";
import { compareWeights, verdict, weightOf, type Candidate } from "./candidate.ts";
import { conditionsOf } from "./condition.ts";
import type { RouteMatch } from "./config.ts";
import { asList } from "./match-fields.ts";
import { PathIndex } from "./path-index.ts";
import { bodyAside, Question, type Asked } from "./question.ts";

/** A route as the configuration has it: what stages know of it, and when it applies. */
export type RouteDefinition = Route & { readonly match: RouteMatch };

/** The route of a request, and the pattern by which its path led there. */
export interface Found {
  readonly route: Route;
  readonly pattern: PathPattern;
}

/** The routes of one generation, compiled. */
export interface RouteTable {
  /**
   * The first route, in the order of precedence, whose every condition holds. A number where that cannot be said before
   * the body was looked for up to so many bytes; `looked` says how many that were already.
   */
  find(asked: Asked, looked?: number): Found | number | undefined;
  /** The methods, sorted, with which the same request would be taken; none where it is not the method that is wrong. */
  methodsAt(asked: Asked): string[];
  /** Whatever lies at the host and path of a request, in the order in which `find` looks. */
  candidatesFor(asked: Asked): Iterable<{ readonly candidate: Candidate; readonly takesMethod: boolean }>;
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
  for (const candidate of candidatesOf(routes)) indexFor(candidate.host).add(candidate);
  for (const index of [everyHost, ...hosts.values()]) index.finish();

  // A suffix begins with a dot, which no host does: both can share a map.
  const indexesOf = (host: string): PathIndex[] => {
    const found: PathIndex[] = [];
    const look = (key: string): void => {
      const index = hosts.get(key);
      if (index) found.push(index);
    };
    if (hosts.size > 0) {
      look(host);
      for (let dot = host.indexOf("."); dot > 0; dot = host.indexOf(".", dot + 1)) look(host.slice(dot));
    }
    found.push(everyHost);
    return found;
  };

  const firstAt = (question: Question, host: string): Candidate | undefined => {
    if (hosts.size === 0) return everyHost.find(question);
    for (const index of indexesOf(host)) {
      const candidate = index.find(question);
      if (candidate) return candidate;
    }
    return undefined;
  };

  return {
    find(asked, looked = 0) {
      const path = withoutFinalSlash(asked.request.path);
      if (path === undefined) return undefined;
      const question = new Question(asked, path, looked);
      const candidate = firstAt(question, asked.request.host);
      if (candidate?.conditions.at(-1)?.kind !== "body") return candidate;
      const bytes = verdict(candidate, question);
      return typeof bytes === "number" ? bytes : candidate;
    },
    methodsAt(asked) {
      const path = withoutFinalSlash(asked.request.path);
      if (path === undefined) return [];
      const question = new Question(asked, path, bodyAside);
      const methods = new Set<string>();
      for (const index of indexesOf(asked.request.host))
        for (const leaf of index.leavesAt(path)) leaf.collect(question, methods);
      // A route that takes this very method refused nothing but the body.
      if (methods.has("*") || methods.has(question.method)) return [];
      return [...methods].toSorted((a, b) => (a < b ? -1 : 1));
    },
    *candidatesFor({ request: { host, path, method } }) {
      const bare = withoutFinalSlash(path);
      if (bare === undefined) return;
      for (const index of indexesOf(host)) for (const leaf of index.leavesAt(bare)) yield* leaf.inOrder(method);
    },
  };
}

/** By rank, and frozen: stages hand what they find in them to each other. */
function candidatesOf(routes: readonly RouteDefinition[]): Candidate[] {
  return routes
    .map(({ match, ...route }) => ({ match, route: deepFreeze(route), weight: weightOf(match) }))
    .toSorted((one, other) => compareWeights(one.weight, other.weight))
    .flatMap(({ match, route }, rank) => {
      const rest = { route, methods: match.methods, conditions: conditionsOf(match), rank };
      return pathsOf(match).flatMap((text) => {
        const pattern = deepFreeze(compilePath(text));
        return hostsOf(match).map((host): Candidate => Object.freeze({ ...rest, host, pattern }));
      });
    });
}

/** The path patterns of a match, however many were written. */
export const pathsOf = ({ path }: Pick<RouteMatch, "path">): readonly string[] => asList(path);

/** The host patterns of a match; undefined stands for every host. */
export const hostsOf = ({ host }: Pick<RouteMatch, "host">): readonly (string | undefined)[] =>
  host === undefined ? [undefined] : asList(host);

/** A final slash is not compared; what does not begin with one (`*`, of OPTIONS) leads nowhere. */
function withoutFinalSlash(path: string): string | undefined {
  if (!path.startsWith("/")) return undefined;
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
