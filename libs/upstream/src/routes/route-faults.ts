import { compileHost } from "@tandem/kernel/patterns/host-pattern";
import { compilePath } from "@tandem/kernel/patterns/path-pattern";
import type { Problem } from "@tandem/platform/config/diagnostic";
import { nearest } from "@tandem/platform/config/nearest";
import type { RouteOptions } from "./config.ts";
import { pathsOf } from "./route-table.ts";

/** Stands for every method that no other route of the same path names. */
const others = "*";

/** One pattern of one route, and where it is written. */
interface Claim {
  readonly route: RouteOptions;
  readonly path: Problem["path"];
  readonly text: string;
  /** The same for all patterns that match the same requests. */
  readonly shape: string;
  readonly rest: boolean;
  readonly methods: readonly string[];
}

/**
 * What is wrong with routes and services as a whole: names given twice, unknown services, routes that no request can
 * reach, services that no route leads to. Paths begin at the section that holds `routes` and `services`.
 */
export function routeFaults(routes: readonly RouteOptions[], services: Readonly<Record<string, unknown>>): Problem[] {
  return [
    ...repeatedNames(routes),
    ...unknownServices(routes, Object.keys(services)),
    ...unreachable(routes.flatMap(claimsOf)),
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
  return routes.flatMap(({ service }, index): Problem[] => {
    if (known.includes(service)) return [];
    const suggestion = nearest(service, known);
    const hint = suggestion === undefined ? {} : { suggestion };
    return [{ path: ["routes", index, "service"], message: `there is no service ${service}`, ...hint }];
  });
}

function unusedServices(routes: readonly RouteOptions[], known: readonly string[]): Problem[] {
  const used = new Set(routes.map(({ service }) => service));
  return known
    .filter((name) => !used.has(name))
    .map((name) => ({ path: ["services", name], at: "key", message: `no route leads to the service ${name}` }));
}

function claimsOf(route: RouteOptions, index: number): Claim[] {
  const { match } = route;
  const listed = typeof match.path !== "string";
  const host = match.host === undefined ? "" : compileHost(match.host).host;
  const methods = match.methods ?? [others];
  return pathsOf(match).map((text, item): Claim => {
    const { segments, rest } = compilePath(text);
    const shape = segments.map((segment) => (segment.kind === "any" ? "/*" : `/${segment.text}`)).join("");
    const path = ["routes", index, "match", "path", ...(listed ? [item] : [])];
    return { route, path, text, shape: `${host}${shape}`, rest, methods };
  });
}

const key = (shape: string, rest: boolean, method: string): string => `${method} ${shape}${rest ? "/**" : ""}`;

/** Two claims on the same requests, or one whose every request a more specific one takes. */
function unreachable(claims: readonly Claim[]): Problem[] {
  const holders = new Map<string, Claim>();
  const problems: Problem[] = [];
  for (const claim of claims) {
    const lost = new Map<Claim, string[]>();
    for (const method of claim.methods) {
      const at = key(claim.shape, claim.rest, method);
      const holder = holders.get(at);
      if (!holder) holders.set(at, claim);
      else lost.set(holder, [...(lost.get(holder) ?? []), method]);
    }
    for (const [holder, methods] of lost) problems.push(takenBy(claim, holder, methods));
  }
  const holds = (shape: string, rest: boolean, method: string): Claim | undefined =>
    holders.get(key(shape, rest, method)) ?? holders.get(key(shape, rest, others));
  for (const claim of claims) {
    if (!claim.rest) continue;
    const [above, below] = [false, true].map((rest) =>
      claim.methods.map((method) => holds(rest ? `${claim.shape}/*` : claim.shape, rest, method)),
    );
    const [first, second] = [above?.[0], below?.[0]];
    if (first && second && above?.every(Boolean) && below?.every(Boolean))
      problems.push({
        path: claim.path,
        message: `no request gets here: ${first.text} and ${second.text} take all that ${claim.text} would match`,
      });
  }
  return problems;
}

function takenBy({ route, path, text }: Claim, holder: Claim, methods: readonly string[]): Problem {
  const what = methods.includes(others) ? text : `${methods.join(", ")} ${text}`;
  const who = holder.route === route ? "this very route" : `the route ${holder.route.name}`;
  const as = holder.text === text ? "" : ` as ${holder.text}`;
  return { path, message: `no request gets here: ${who} takes ${what} already${as}` };
}
