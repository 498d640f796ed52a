import { arrivingHeaders } from "@tandem/kernel/hygiene/arriving-headers";
import type { Problem } from "@tandem/platform/config/diagnostic";
import type { RouteMatch, RouteOptions } from "./config.ts";
import { isPlainJson } from "./json-body.ts";
import { valueMatcher } from "./value-matcher.ts";

/**
 * Conditions that never hold, or always do: on headers that no client's request still has when it gets here, and on a
 * content type that is never the JSON which is asked for. `managed`: further names that only the gateways set.
 */
export function matchFaults(routes: readonly Pick<RouteOptions, "match">[], managed: readonly string[]): Problem[] {
  const arrives = arrivingHeaders(managed);
  return routes.flatMap(({ match }, index): Problem[] => {
    const path = ["routes", index, "match"];
    const gone = Object.keys(match.headers ?? {})
      .filter((name) => !arrives(name))
      .map((name): Problem => {
        const expected = name === "host" ? "match.host" : "a header that clients set and gateways pass on";
        const message = `no request has the header ${name} when its route is looked for`;
        return { path: [...path, "headers", name], at: "key", message, expected };
      });
    if (!match.body || couldBeJson(match.headers?.["content-type"])) return gone;
    const message = "no request gets here: what the header content-type must be is never JSON";
    return [
      ...gone,
      { path: [...path, "body"], at: "key", message, expected: "application/json, or a type that ends in +json" },
    ];
  });
}

function couldBeJson(match: NonNullable<RouteMatch["headers"]>[string] | undefined): boolean {
  if (match === undefined) return true;
  const matcher = valueMatcher(match);
  if (matcher.kind === "values") return [...matcher.values].some((value) => isPlainJson(value, undefined));
  if (matcher.kind !== "prefix") return matcher.kind === "present";
  const prefix = matcher.prefix.toLowerCase();
  return prefix.startsWith(application) || application.startsWith(prefix);
}

const application = "application/";
