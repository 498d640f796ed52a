import { Refusal } from "./refusal.ts";
import type { Handler, RouteTable } from "./service.ts";

/** The handler for a method and path, with the pattern that it was found under: a name for the span. */
export interface Found {
  readonly pattern: string;
  readonly id: string;
  readonly handler: Handler;
}

/** Finds the first pattern that takes the path; refuses with 404, or with 405 and what would be allowed. */
export function findRoute(table: RouteTable, method: string, path: string): Found {
  for (const [pattern, methods] of Object.entries(table)) {
    const id = match(pattern.split("/"), path.split("/"));
    if (id === undefined) continue;
    const handler = methods[method] ?? (method === "HEAD" ? methods["GET"] : undefined) ?? methods["*"];
    if (handler) return { pattern, id, handler };
    throw new Refusal(405, `${method} is not supported here`, { allow: Object.keys(methods).join(", ") });
  }
  throw new Refusal(404, `there is no ${path}`);
}

/** What stood for `:id`, empty where the pattern has none; undefined where the path is another. */
function match(pattern: readonly string[], path: readonly string[]): string | undefined {
  let id = "";
  for (const [index, part] of pattern.entries()) {
    if (part === "**") return id;
    const segment = path[index];
    if (segment === undefined || (part !== ":id" && segment !== part) || (part === ":id" && segment === ""))
      return undefined;
    if (part === ":id") id = segment;
  }
  return pattern.length === path.length ? id : undefined;
}
