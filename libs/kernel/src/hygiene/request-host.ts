import { GatewayError } from "@tandem/contracts/errors";
import { hostRefusals, normaliseHost, type Authority } from "../patterns/normalise-host.ts";
import type { RequestView } from "../request-view.ts";
import type { Head } from "./read-head.ts";

/** The one host that a request names; undefined where HTTP/1.0 names none. Throws where there is none, or two. */
export function readHost(request: RequestView, head: Head): Authority | undefined {
  const { authority, host } = head;
  if (authority === undefined) {
    if (host !== undefined) return normal(host, request);
    if (request.protocol === "1.0") return undefined;
    throw new GatewayError("request.host", { detail: "the request names no host" });
  }
  const named = normal(authority, request);
  if (host !== undefined && normal(host, request).text !== named.text)
    throw new GatewayError("request.host", { detail: ":authority and Host differ" });
  return named;
}

function normal(raw: string, request: RequestView): Authority {
  const authority = normaliseHost(raw, request.scheme);
  if (typeof authority === "string") throw new GatewayError("request.host", { detail: hostRefusals[authority] });
  return authority;
}
