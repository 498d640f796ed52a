import type { IncomingHttpHeaders } from "node:http";
import type { HeaderList } from "@tandem/kernel/header-list";
import { endToEndTrailers } from "@tandem/kernel/hygiene/response-trailers";

/** The flat list of what undici has decoded already; its raw one would have to be decoded once more. */
export function listOf(headers: IncomingHttpHeaders): string[] {
  const list: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === "string") list.push(name, value);
    else if (value) for (const one of value) list.push(name, one);
  }
  return list;
}

/** The trailers that may be passed on; undefined where there are none. */
export function trailersOf(trailers: IncomingHttpHeaders): HeaderList | undefined {
  const list = listOf(trailers);
  return list.length === 0 ? undefined : endToEndTrailers(list);
}
