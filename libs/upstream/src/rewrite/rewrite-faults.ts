import { compilePath } from "@tandem/kernel/patterns/path-pattern";
import type { Problem } from "@tandem/platform/config/diagnostic";
import { templateFault } from "./path-template.ts";
import type { RewritingRoute } from "./rewrites.ts";

/**
 * What rewriting promises and the route's own path, or the gateway, does not allow. `managed` are the headers that speak
 * for the caller on some route: on no other may they be something else. Paths begin at the section that holds `routes`.
 */
export function rewriteFaults(routes: readonly RewritingRoute[], managed: readonly string[]): Problem[] {
  return routes.flatMap((route, index) =>
    [...pathFaults(route), ...headerFaults(route, managed)].map((fault) => ({
      ...fault,
      path: ["routes", index, ...fault.path],
    })),
  );
}

function pathFaults({ match, rewrite = {} }: RewritingRoute): Problem[] {
  const { stripPrefix, path: template } = rewrite;
  return [match.path].flat().flatMap((pattern): Problem[] => {
    if (stripPrefix !== undefined && !beginsWith(pattern, stripPrefix))
      return [{ path: ["rewrite", "stripPrefix"], message: `${pattern} does not begin with ${stripPrefix}` }];
    const fault = template === undefined ? undefined : templateFault(template, pattern);
    return fault === undefined ? [] : [{ path: ["rewrite", "path"], message: fault }];
  });
}

/** Every path that the pattern matches has the prefix, up to the end of a segment. */
function beginsWith(pattern: string, prefix: string): boolean {
  const { segments } = compilePath(pattern);
  return compilePath(prefix).segments.every((wanted, index) => {
    const given = segments[index];
    return wanted.kind === "literal" && given?.kind === "literal" && given.text === wanted.text;
  });
}

function headerFaults({ requestHeaders = {} }: RewritingRoute, managed: readonly string[]): Problem[] {
  const { set = {}, add = {}, remove = [] } = requestHeaders;
  const named = [
    ...Object.keys(set).map((name) => ({ name, path: ["set", name] })),
    ...Object.keys(add).map((name) => ({ name, path: ["add", name] })),
    ...remove.map((name, index) => ({ name, path: ["remove", index] })),
  ];
  return named
    .filter(({ name }) => managed.includes(name))
    .map(({ name, path }) => ({
      path: ["requestHeaders", ...path],
      message: `${name} is a header that only the gateway may set`,
    }));
}
