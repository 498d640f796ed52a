import { compileHost } from "@tandem/kernel/patterns/host-pattern";
import { compareSpecificity, compilePath, type PathPattern } from "@tandem/kernel/patterns/path-pattern";
import type { Problem } from "@tandem/platform/config/diagnostic";
import { conditionsOf } from "../routes/condition.ts";
import { hostsOf, pathsOf } from "../routes/route-table.ts";
import type { RouteMatch } from "../routes/config.ts";
import type { RedirectOptions } from "./config.ts";

/** A route that may lead its clients to another one, or to itself. */
export interface LeadingRoute {
  readonly name: string;
  readonly match: RouteMatch;
  readonly redirect?: RedirectOptions | undefined;
}

/** One host and one path of a route. */
interface Way {
  readonly route: LeadingRoute;
  readonly index: number;
  /** In the form of `compileHost`: whole, or a suffix that begins with a dot; undefined stands for every host. */
  readonly host: string | undefined;
  readonly path: PathPattern;
  readonly methods: ReadonlySet<string> | undefined;
}

/** All the requests that a client may have been led to. */
type Place = Pick<Way, "host" | "path" | "methods">;

/**
 * Redirects by which no client ever gets anywhere. A circle is told only where every request of it is sure to go round:
 * a way is followed where it takes all that the one before leads to, and no other could take a part of that before it.
 */
export function redirectCircles(routes: readonly LeadingRoute[]): Problem[] {
  const ways = routes.flatMap(waysOf);
  const told = new Map<string, { readonly start: Way; readonly circle: readonly Way[] }>();
  for (const start of ways) {
    const circle = circleFrom(start, ways);
    if (circle.length === 0) continue;
    const key = [...new Set(circle.map((way) => ways.indexOf(way)))].toSorted((one, other) => one - other).join();
    // Of those that lead there, one that is a part of it says more.
    const known = told.get(key);
    if (!known || (!known.circle.includes(known.start) && circle.includes(start))) told.set(key, { start, circle });
  }
  return [...told.values()].map(({ start, circle }) => problemOf(start, circle));
}

function waysOf(route: LeadingRoute, index: number): Way[] {
  const methods = route.match.methods && withHead(route.match.methods);
  return hostsOf(route.match).flatMap((text) => {
    const host = text === undefined ? undefined : compileHost(text).host;
    return pathsOf(route.match).map((path) => ({ route, index, host, path: compilePath(path), methods }));
  });
}

/** The ways that lead to each other for ever, if this one leads to such. */
function circleFrom(start: Way, ways: readonly Way[]): Way[] {
  const seen = new Map<string, number>();
  const taken: Way[] = [start];
  let place: Place | undefined = placeAfter(start, start);
  while (place) {
    const way = wayOf(place, ways);
    if (!way) return [];
    const key = `${ways.indexOf(way)} ${place.host} ${place.path.text} ${[...(place.methods ?? [])].join()}`;
    const before = seen.get(key);
    if (before !== undefined) return taken.slice(before);
    seen.set(key, taken.push(way) - 1);
    place = placeAfter(way, place);
  }
  return [];
}

/** Where a client is led that was at this place, and took this way there; undefined where that is not known for sure. */
function placeAfter({ route }: Way, { host, path, methods }: Place): Place | undefined {
  const { redirect, match } = route;
  if (!redirect) return undefined;
  // With a scheme it may be http that is led to https, which another listener answers.
  if (redirect.host !== undefined && (redirect.scheme !== undefined || !hostsOf(match).includes(redirect.host)))
    return undefined;
  const keepsMethod = redirect.status === 307 || redirect.status === 308;
  return {
    host: redirect.host ?? host,
    path: redirect.path === undefined ? path : compilePath(redirect.path),
    methods: keepsMethod || methods === undefined ? methods : new Set([...methods, "GET"]),
  };
}

/** The one way that takes every request at a place, whatever else is in it. */
function wayOf(place: Place, ways: readonly Way[]): Way | undefined {
  const [first, ...others] = ways
    .filter((way) => meets(way, place))
    .toSorted((one, other) => compareHosts(one.host, other.host) || compareSpecificity(one.path, other.path));
  if (!first || !coversAll(first, place)) return undefined;
  const isAlone = !others.some(
    ({ host, path }) => compareHosts(first.host, host) === 0 && compareSpecificity(first.path, path) === 0,
  );
  return isAlone ? first : undefined;
}

function meets(way: Way, { host, path, methods }: Place): boolean {
  const isThere = coversHost(way.host, host) || coversHost(host, way.host);
  const takes = !way.methods || !methods || [...methods].some((method) => way.methods?.has(method));
  return isThere && takes && overlaps(way.path, path);
}

function coversAll(way: Way, { host, path, methods }: Place): boolean {
  const takes = !way.methods || (methods && [...methods].every((method) => way.methods?.has(method)));
  // What else a client sends the second time, nobody knows.
  const asksMore = conditionsOf(way.route.match).length > 0;
  return takes === true && !asksMore && coversHost(way.host, host) && coversPath(way.path, path);
}

function coversHost(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || one === other) return true;
  return one.startsWith(".") && other !== undefined && other.endsWith(one);
}

const rankOf = (host: string | undefined): number => (host === undefined ? 2 : host.startsWith(".") ? 1 : 0);

/** The order of look-up; of two whole hosts only one is ever asked for. */
const compareHosts = (one: string | undefined, other: string | undefined): number =>
  rankOf(one) - rankOf(other) || (other?.length ?? 0) - (one?.length ?? 0);

function overlaps(one: PathPattern, other: PathPattern): boolean {
  const shared = Math.min(one.segments.length, other.segments.length);
  for (let index = 0; index < shared; index++) {
    const [left, right] = [one.segments[index], other.segments[index]];
    if (left?.kind === "literal" && right?.kind === "literal" && left.text !== right.text) return false;
  }
  if (one.segments.length === other.segments.length) return true;
  return one.segments.length < other.segments.length ? one.rest : other.rest;
}

function coversPath(one: PathPattern, other: PathPattern): boolean {
  const covers = one.segments.every((segment, index) => {
    const under = other.segments[index];
    return under && (segment.kind === "any" || (under.kind === "literal" && under.text === segment.text));
  });
  return covers && (one.rest || (!other.rest && one.segments.length === other.segments.length));
}

function withHead(methods: readonly string[]): Set<string> {
  return new Set(methods.includes("GET") ? [...methods, "HEAD"] : methods);
}

function problemOf(start: Way, circle: readonly Way[]): Problem {
  const { route, index, path } = start;
  const others = [...new Set(circle.map((way) => way.route.name))].filter((name) => name !== route.name);
  const message = circle.includes(start)
    ? `${path.text} leads to itself${others.length === 0 ? "" : ` by way of ${others.join(", ")}`}`
    : `${path.text} leads to ${others.join(", ") || "another path of its own"}, which leads nowhere else`;
  return { path: ["routes", index, "redirect", route.redirect?.path === undefined ? "host" : "path"], message };
}
