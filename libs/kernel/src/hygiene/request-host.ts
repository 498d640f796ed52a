import { GatewayError } from "@tandem/contracts/errors";
import { hostRefusals, normaliseHost, type Authority } from "../patterns/normalise-host.ts";
import type { RequestView } from "../request-view.ts";
import type { Head } from "./read-head.ts";

/** The one host that a request names. Throws where there is none, or two; HTTP/1.0 has to name one too: nobody could judge or route by none. */
export function readHost(request: RequestView, head: Head): Authority {
  const { authority, host } = head;
  if (authority === undefined) {
    if (host !== undefined) return normal(host, request);
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
