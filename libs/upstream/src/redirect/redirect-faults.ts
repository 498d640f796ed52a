import type { Problem } from "@tandem/platform/config/diagnostic";
import { templateFault } from "../rewrite/path-template.ts";
import { redirectCircles, type LeadingRoute } from "./redirect-circles.ts";

/** Redirects that ask for what the route's path does not have, or that lead to themselves. Paths begin at the section that holds `routes`. */
export function redirectFaults(routes: readonly LeadingRoute[]): Problem[] {
  const faults = routes.flatMap(({ match, redirect }, index) => {
    const template = redirect?.path;
    if (template === undefined) return [];
    return [match.path].flat().flatMap((pattern): Problem[] => {
      const circular = redirect?.host === undefined && template === pattern;
      const message = circular ? `${pattern} leads to itself` : templateFault(template, pattern);
      return message === undefined ? [] : [{ path: ["routes", index, "redirect", "path"], message }];
    });
  });
  const known = new Set(faults.map((fault) => JSON.stringify(fault)));
  return [...faults, ...redirectCircles(routes).filter((circle) => !known.has(JSON.stringify(circle)))];
}
