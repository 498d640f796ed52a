import type { IncomingHttpHeaders } from "node:http";
import type { HeaderList } from "@tandem/kernel/header-list";
import { endToEnd } from "@tandem/kernel/hygiene/response-headers";

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
  if (list.length === 0) return undefined;
  // RFC 9110 §6.5.1: what frames a message has its place before it.
  for (let at = list.indexOf("content-length"); at >= 0; at = list.indexOf("content-length")) list.splice(at, 2);
  return endToEnd(list);
}
