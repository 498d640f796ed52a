import { PathFill } from "../rewrite/path-template.ts";
import type { RedirectOptions } from "./config.ts";

/** A route that may send its clients elsewhere. */
export interface RedirectingRoute {
  readonly name: string;
  readonly match: { readonly path: string | readonly string[] };
  readonly redirect?: RedirectOptions | undefined;
}

/** Where one route leads. */
export interface Redirect {
  readonly status: number;
  /** Absent where the client's own is kept. */
  readonly scheme: string | undefined;
  /** Absent where the answer names a path and nothing before it. */
  readonly host: string | undefined;
  /** By the text of the pattern that the path matched; absent where the path stays. */
  readonly fills: ReadonlyMap<string, PathFill> | undefined;
  readonly keepsQuery: boolean;
}

/** Compiles where the routes lead, once per generation; only those that lead elsewhere are in the map. */
export function compileRedirects(routes: readonly RedirectingRoute[]): ReadonlyMap<string, Redirect> {
  const redirects = new Map<string, Redirect>();
  for (const { name, match, redirect } of routes) {
    if (!redirect) continue;
    const { status, scheme, host, path, query } = redirect;
    const patterns = [match.path].flat();
    const fills = path === undefined ? undefined : new Map(patterns.map((text) => [text, PathFill.of(path, text)]));
    redirects.set(name, { status, scheme, host, fills, keepsQuery: query === "keep" });
  }
  return redirects;
}

/** What a client asked for; path and query in normal form. */
interface Asked {
  readonly path: string;
  readonly query: string;
  readonly scheme: string;
  readonly pattern: string;
}

/**
 * The `Location`. Host and scheme are the configuration's, and a path in normal form begins with one slash and holds
 * neither a second one behind it, nor a backslash, nor a control character: no client can lead another anywhere else.
 */
export function locationOf({ host, fills, keepsQuery, scheme }: Redirect, asked: Asked): string {
  const fill = fills?.get(asked.pattern);
  if (fills && !fill) throw new Error(`redirect: the path matched "${asked.pattern}", which the route does not have`);
  const path = fill ? fill.fill(asked.path) : asked.path;
  const origin = host === undefined ? "" : `${scheme ?? asked.scheme}://${host}`;
  return origin + path + (keepsQuery ? asked.query : "");
}
