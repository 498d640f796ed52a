// What the table must answer, written to be seen to be right: every route is tried, what fits is sorted, the first is taken.
import { compareSpecificity, compilePath, matchPath } from "@tandem/kernel/patterns/path-pattern";
import type { RouteMatch } from "./config.ts";
import type { TestRequest } from "./testing.ts";

export interface ReferenceRoute {
  readonly name: string;
  readonly match: RouteMatch;
}

type Case = Required<Pick<TestRequest, "method" | "host" | "path" | "headers">> & TestRequest;

interface Way extends ReferenceRoute {
  readonly order: number;
  readonly host: string | undefined;
  readonly pattern: ReturnType<typeof compilePath>;
}

export interface ReferenceMatcher {
  find(request: Case): Way | undefined;
  methodsAt(request: Case): string[];
}

export function referenceMatcher(routes: readonly ReferenceRoute[]): ReferenceMatcher {
  const ways = routes.flatMap(({ name, match }, order) =>
    [match.host]
      .flat()
      .flatMap((host) =>
        [match.path].flat().map((path): Way => ({ name, match, order, host, pattern: compilePath(path) })),
      ),
  );
  return {
    find: (request) =>
      ways
        .filter((way) => leadsThere(way, request) && takesMethod(way, request.method) && fits(way.match, request))
        .toSorted((one, other) => precedence(one, other, request.method))[0],
    methodsAt(request) {
      const { content: _, ...bodiless } = request;
      const there = ways.filter((way) => leadsThere(way, request) && fits({ ...way.match, body: undefined }, bodiless));
      if (there.some((way) => takesMethod(way, request.method))) return [];
      const named = new Set(there.flatMap(({ match }) => match.methods ?? []));
      if (named.has("GET")) named.add("HEAD");
      return [...named].toSorted();
    },
  };
}

function leadsThere({ host, pattern }: Way, request: Case): boolean {
  const isThere =
    host === undefined || host === request.host || (host[0] === "*" && request.host.endsWith(host.slice(1)));
  return isThere && matchPath(pattern, request.path.split("?")[0] ?? "") !== undefined;
}

const takesMethod = ({ match }: Way, method: string): boolean =>
  !match.methods || match.methods.some((name) => name === method || (name === "GET" && method === "HEAD"));

const size = (part: object | undefined): number => Object.keys(part ?? {}).length;

/** The documented order, one line a rule. */
function precedence(one: Way, other: Way, method: string): number {
  const rules: ((way: Way) => number)[] = [
    ({ host }) => (host === undefined ? 2 : host[0] === "*" ? 1 : 0),
    ({ host }) => -(host?.length ?? 0),
    (way) => (way === one ? compareSpecificity(one.pattern, other.pattern) : 0),
    ({ match: { methods } }) => (!methods ? 2 : methods.some((name) => name === method) ? 0 : 1),
    ({ match }) => -size(match.headers),
    ({ match }) => -size(match.query),
    ({ match }) => (match.client === undefined ? 1 : 0),
    ({ match }) => (match.audience === undefined ? 1 : 0),
    ({ match }) => (match.body === undefined ? 1 : 0),
    ({ order }) => order,
  ];
  for (const rule of rules) if (rule(one) !== rule(other)) return rule(one) - rule(other);
  return 0;
}

function fits({ headers, query, client, audience, body }: RouteMatch, request: Case): boolean {
  for (const [name, match] of Object.entries(headers ?? {}))
    if (
      !allFit(
        match,
        request.headers.filter((_, at) => at % 2 === 1 && request.headers[at - 1] === name),
      )
    )
      return false;
  for (const [name, match] of Object.entries(query ?? {}))
    if (!allFit(match, valuesIn(request.path, name))) return false;
  if (client !== undefined && ![client].flat().some((one) => one === request.client)) return false;
  if (audience !== undefined && ![audience].flat().some((one) => request.audiences?.includes(one))) return false;
  return !body || bodyFits(body, request);
}

function allFit(match: NonNullable<RouteMatch["headers"]>[string], values: readonly string[]): boolean {
  if (typeof match === "object" && "present" in match) return match.present === values.length > 0;
  const fit = (value: string): boolean =>
    typeof match === "object" && "prefix" in match
      ? value.startsWith(match.prefix)
      : [match].flat().some((one) => one === value);
  return values.length > 0 && values.every(fit);
}

const decode = (text = ""): string => decodeURIComponent(text.replaceAll("+", " "));

function valuesIn(path: string, name: string): string[] {
  const [, query = ""] = path.split("?");
  const pairs = query.split("&").map((pair) => pair.split("="));
  return pairs.filter(([key]) => decode(key) === name).map(([, value]) => decode(value));
}

function bodyFits({ pointer, is }: NonNullable<RouteMatch["body"]>, { content, headers }: Case): boolean {
  if (content === undefined || !headers.includes("application/json")) return false;
  const value = JSON.parse(content)[pointer.slice(1)];
  return [is].flat().some((one) => one === value);
}
