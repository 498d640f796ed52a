import type { IncomingHttpHeaders } from "node:http";
import type { HeaderList } from "@tandem/kernel/header-list";
import { endToEnd } from "@tandem/kernel/hygiene/response-headers";
import { announceTrailers, endToEndTrailers } from "@tandem/kernel/hygiene/response-trailers";
import type { RequestView } from "@tandem/kernel/request-view";

/** The flat list of what undici has decoded already; its raw one would have to be decoded once more. */
function listOf(headers: IncomingHttpHeaders): string[] {
  const list: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === "string") list.push(name, value);
    else if (value) for (const one of value) list.push(name, one);
  }
  return list;
}

/** The headers of an answer that may be passed on; throws where its length is ambiguous. */
export function headersOf(
  answered: IncomingHttpHeaders,
  to: { readonly request: RequestView; readonly status: number },
): string[] {
  const headers = endToEnd(listOf(answered), to.status);
  if (answered["trailer"] !== undefined) announceTrailers(headers, answered["trailer"], to);
  return headers;
}

/** The trailers that may be passed on; undefined where there are none. */
export function trailersOf(trailers: IncomingHttpHeaders): HeaderList | undefined {
  const list = listOf(trailers);
  return list.length === 0 ? undefined : endToEndTrailers(list);
}
