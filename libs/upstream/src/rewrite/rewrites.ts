import { compilePath } from "@tandem/kernel/patterns/path-pattern";
import type { HeaderEdits } from "@tandem/kernel/header-list";
import type { RewriteOptions } from "./config.ts";
import type { HeaderEditOptions } from "./header-fields.ts";
import { PathFill } from "./path-template.ts";
import { compileQueryEdits, editQuery, type QueryEdits } from "./query-edits.ts";

/** A route that may rewrite. */
export type RewritingRoute = RewriteOptions & {
  readonly name: string;
  readonly match: { readonly path: string | readonly string[] };
};

/** What one route makes of requests and answers. */
export interface Rewrite {
  /** By the text of the pattern that the path matched; absent where the path stays. */
  readonly fills: ReadonlyMap<string, PathFill> | undefined;
  readonly query: QueryEdits | undefined;
  readonly host: string | undefined;
  /** What is taken off the path, for services that write links. */
  readonly prefix: string | undefined;
  readonly requestHeaders: readonly HeaderEdit[];
  readonly responseHeaders: readonly HeaderEdit[];
}

interface HeaderEdit {
  readonly kind: "set" | "add" | "drop";
  readonly name: string;
  readonly value: string;
}

/** Compiles what the routes say, once per generation; only those that say something are in the map. */
export function compileRewrites(routes: readonly RewritingRoute[]): ReadonlyMap<string, Rewrite> {
  const rewrites = new Map<string, Rewrite>();
  for (const route of routes) {
    const { name, rewrite, requestHeaders, responseHeaders } = route;
    if (!rewrite && !requestHeaders && !responseHeaders) continue;
    rewrites.set(name, {
      fills: fillsOf(route),
      query: rewrite?.query && compileQueryEdits(rewrite.query),
      host: rewrite?.host,
      prefix: rewrite?.stripPrefix,
      requestHeaders: editsOf(requestHeaders),
      responseHeaders: editsOf(responseHeaders),
    });
  }
  return rewrites;
}

function fillsOf({ match, rewrite = {} }: RewritingRoute): ReadonlyMap<string, PathFill> | undefined {
  const { stripPrefix, path: template } = rewrite;
  const patterns = [match.path].flat();
  if (template !== undefined) return new Map(patterns.map((text) => [text, PathFill.of(template, text)]));
  if (stripPrefix === undefined) return undefined;
  const stripping = PathFill.without(compilePath(stripPrefix).segments.length);
  return new Map(patterns.map((text) => [text, stripping]));
}

function editsOf({ set = {}, add = {}, remove = [] }: HeaderEditOptions = {}): HeaderEdit[] {
  return [
    ...remove.map((name): HeaderEdit => ({ kind: "drop", name, value: "" })),
    ...Object.entries(set).map(([name, value]): HeaderEdit => ({ kind: "set", name, value })),
    ...Object.entries(add).map(([name, value]): HeaderEdit => ({ kind: "add", name, value })),
  ];
}

/** Makes the edits of a route on those of one request or answer. */
export function makeEdits(on: HeaderEdits, edits: readonly HeaderEdit[]): void {
  for (const { kind, name, value } of edits)
    if (kind === "drop") on.drop(name);
    else on[kind](name, value);
}

/** The path and query that the service is asked for; undefined where both stay. */
export function rewrittenTarget(
  { fills, query: edits }: Rewrite,
  { path, query, pattern }: { readonly path: string; readonly query: string; readonly pattern: string },
): string | undefined {
  if (!fills && !edits) return undefined;
  const fill = fills?.get(pattern);
  if (fills && !fill) throw new Error(`rewrite: the path matched "${pattern}", which the route does not have`);
  return (fill ? fill.fill(path) : path) + (edits ? editQuery(query, edits) : query);
}

/** What is made of one request: the path that is asked for, and which headers are seen to; their values may be secrets. */
export function explainRewrite({ host, prefix, requestHeaders, responseHeaders }: Rewrite, target: string): object {
  const [path] = target.split("?", 1);
  return {
    path,
    ...(host !== undefined && { host }),
    ...(prefix !== undefined && { prefix }),
    ...(requestHeaders.length > 0 && { requestHeaders: namesOf(requestHeaders) }),
    ...(responseHeaders.length > 0 && { responseHeaders: namesOf(responseHeaders) }),
  };
}

const namesOf = (edits: readonly HeaderEdit[]): string[] => edits.map(({ kind, name }) => `${kind} ${name}`);
