import type { Exchange } from "@tandem/kernel/exchange";
import type { Peer } from "@tandem/kernel/peer";
import type { Stage } from "@tandem/kernel/stage";
import type { Ids } from "@tandem/platform/random";
import { traceparentOf } from "@tandem/platform/telemetry/trace-context";
import { requestIds, type Claims } from "./request-ids.ts";
import { traceIds } from "./trace-ids.ts";

export interface BeginOptions {
  /** Whom this tier serves: anybody, or the security tier, which alone may name a request and go on with a trace. */
  readonly from: "strangers" | "security-tier";
  /** The share of new traces that is exported, 0 to 1. */
  readonly sample: number;
  readonly ids: Ids;
}

/** The first stage of all: names the request and its trace, so that whatever happens next can be told under both names. */
export function begin({ from, sample, ids }: BeginOptions): Stage {
  return {
    name: "begin",
    run(exchange) {
      const { record, request, outgoing, reply } = exchange;
      const trusted = from === "security-tier" && isSecurityTier(request.peer);
      const claims = claimsOf(exchange);
      const { id, clientRequestId } = requestIds(claims.requestIds, { trusted, ids });
      record.id = id;
      record.clientRequestId = clientRequestId;
      record.trace = traceIds(claims, { trusted, sample, ids });
      record.target = request.target;
      record.userAgent = claims.userAgent;
      reply.add("x-request-id", id);
      outgoing.set("x-request-id", id);
      // The security tier's own caller knows the trace already.
      if (!trusted) reply.add("traceresponse", traceparentOf(record.trace, record.trace.spanId));
    },
  };
}

/** A certificate that was verified, or the loopback clear text of `npm start`: no other listener of the routing tier starts. */
function isSecurityTier({ tls, address }: Peer): boolean {
  if (tls) return tls.certificate !== undefined;
  return address === "::1" || address.startsWith("127.");
}

const none: readonly string[] = [];

/** What the headers say, as they were sent: hygiene has not run yet, and may refuse the request. */
function claimsOf(exchange: Exchange): Claims {
  const { rawHeaders } = exchange.request;
  let userAgent: string | undefined;
  let requestId = none;
  let traceparents = none;
  let tracestates = none;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    // Four names of ten to twelve letters: most headers are passed over by their length.
    if (name.length < 10 || name.length > 12) continue;
    const value = rawHeaders[index + 1]!;
    switch (name.toLowerCase()) {
      case "user-agent":
        userAgent ??= value;
        break;
      case "x-request-id":
        requestId = [...requestId, value];
        break;
      case "traceparent":
        traceparents = [...traceparents, value];
        break;
      case "tracestate":
        tracestates = [...tracestates, value];
        break;
    }
  }
  return { userAgent, requestIds: requestId, traceparents, tracestates };
}
