import { compileHost } from "@tandem/kernel/patterns/host-pattern";
import { compilePath } from "@tandem/kernel/patterns/path-pattern";
import type { Problem } from "@tandem/platform/config/diagnostic";
import { Candidates } from "./candidates.ts";
import { ConditionCover } from "./condition-cover.ts";
import { conditionsOf, describeCondition, type Condition } from "./condition.ts";
import type { RouteOptions } from "./config.ts";
import { hostsOf, pathsOf } from "./route-table.ts";

/** Stands for every method that no other route of the same path names. */
const others = "*";

type Named = Pick<RouteOptions, "name" | "match">;

/** One host and one pattern of one route, and where it is written. */
interface Claim {
  readonly route: Named;
  readonly path: Problem["path"];
  readonly text: string;
  readonly host: string | undefined;
  /** The same for all that match the same hosts and paths. */
  readonly shape: string;
  readonly rest: boolean;
  readonly methods: readonly string[];
  readonly conditions: readonly Condition[];
  readonly rank: number;
}

/** More than these, tried one after the other, would be felt by every request. */
const mostTried = 128;

/** Routes, or parts of them, that never get a request because another takes all of it: as far as that can be told for sure. */
export function unreachableRoutes(routes: readonly Named[]): Problem[] {
  const claims = routes.flatMap(claimsOf);
  const covers = new Map<string, ConditionCover<Claim>>();
  const tried = new Map<string, Candidates<Claim>>();
  const problems: Problem[] = [];
  for (const claim of claims) {
    const lost = new Map<Claim, string[]>();
    for (const method of claim.methods) {
      const at = keyOf(claim.shape, claim.rest, method);
      const cover = entry(covers, at, () => new ConditionCover<Claim>());
      // What asks for as many things as this, and for no other things, comes before it only if it stands before it.
      const holder = cover.coveringAlike(claim);
      if (holder) lost.set(holder, [...(lost.get(holder) ?? []), method]);
      else {
        cover.add(claim);
        entry(tried, at, () => new Candidates<Claim>()).add(claim);
      }
    }
    for (const [holder, methods] of lost) problems.push(takenBy(claim, holder, methods));
  }
  return [...problems, ...emptied(claims, covers), ...crowded(tried)];
}

function claimsOf(route: Named, index: number): Claim[] {
  const { match } = route;
  const conditions = conditionsOf(match);
  const isList = typeof match.path !== "string";
  return hostsOf(match).flatMap((host) => {
    const normal = host === undefined ? "" : compileHost(host).host;
    return pathsOf(match).map((text, item): Claim => {
      const { segments, rest } = compilePath(text);
      const shape = segments.map((segment) => (segment.kind === "any" ? "/*" : `/${segment.text}`)).join("");
      const path = ["routes", index, "match", "path", ...(isList ? [item] : [])];
      const methods = [...new Set(match.methods ?? [others])];
      return { route, path, text, host, shape: normal + shape, rest, methods, conditions, rank: index };
    });
  });
}

const keyOf = (shape: string, rest: boolean, method: string): string => `${method} ${shape}${rest ? "/**" : ""}`;

/** A prefix that never gets a request: one route takes the path itself, another all that is below. */
function emptied(claims: readonly Claim[], covers: ReadonlyMap<string, ConditionCover<Claim>>): Problem[] {
  return claims.flatMap((claim): Problem[] => {
    if (!claim.rest) return [];
    const holds = (below: boolean, method: string): Claim | undefined => {
      const shape = below ? `${claim.shape}/*` : claim.shape;
      for (const name of new Set([method, others])) {
        const holder = covers.get(keyOf(shape, below, name))?.covering(claim);
        if (holder) return holder;
      }
      return undefined;
    };
    const [self, below] = [false, true].map((isBelow) => claim.methods.map((method) => holds(isBelow, method)));
    const [first, second] = [self?.[0], below?.[0]];
    if (!first || !second || !self?.every(Boolean) || !below?.every(Boolean)) return [];
    const message = `no request gets here: ${first.text} and ${second.text} take all that ${claim.text} would match`;
    return [{ path: claim.path, message }];
  });
}

/** Many routes at one place that nothing but trial tells apart. */
function crowded(tried: ReadonlyMap<string, Candidates<Claim>>): Problem[] {
  const reported = new Set<Claim>();
  for (const candidates of tried.values()) {
    const claims = [...candidates];
    if (claims.length <= mostTried) continue;
    candidates.finish();
    const last = claims.at(-1);
    if (candidates.longest > mostTried && last) reported.add(last);
  }
  return [...reported].map(({ path, text }) => ({
    path,
    message: `more than ${mostTried} routes at ${text} would have to be tried one after the other`,
    expected:
      "most of them to ask for a whole value of their own: of a header, a query parameter, a client or an audience",
  }));
}

function takenBy(claim: Claim, holder: Claim, methods: readonly string[]): Problem {
  const { route, path, text, host, conditions } = claim;
  const what = methods.includes(others) ? text : `${methods.join(", ")} ${text}`;
  const where = host === undefined || hostsOf(route.match).length === 1 ? "" : ` on ${host}`;
  const when = conditions.length === 0 ? "" : ` with ${conditions.map(describeCondition).join(", ")}`;
  const who = holder.route === route ? "this very route" : `the route ${holder.route.name}`;
  const as = holder.text === text ? "" : ` as ${holder.text}`;
  return { path, message: `no request gets here: ${who} takes ${what}${where}${when} already${as}` };
}

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
