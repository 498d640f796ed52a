import type { Exchange } from "@tandem/kernel/exchange";
import type { Stage } from "@tandem/kernel/stage";
import type { Ids } from "@tandem/platform/random";
import { traceparentOf } from "@tandem/platform/telemetry/trace-context";
import { baggageOf } from "./baggage.ts";
import { requestIds, type Claims } from "./request-ids.ts";
import type { TraceContextOptions } from "./config.ts";
import { traceIds } from "./trace-ids.ts";
import { isSecurityTier, trustOfStrangers } from "./trust.ts";

export interface BeginOptions {
  /** Whom this tier serves: anybody, or the security tier, which alone may name a request, and whose trace goes on. */
  readonly from: "strangers" | "security-tier";
  /** What strangers' traces are worth. Default: a link. */
  readonly traceContext?: TraceContextOptions | undefined;
  /** The share of new traces that is exported, 0 to 1. */
  readonly sample: number;
  readonly ids: Ids;
}

/** The first stage of all: names the request and its trace, so that whatever happens next can be told under both names. */
export function begin({ from, traceContext = restart, sample, ids }: BeginOptions): Stage {
  const outside = from === "strangers";
  const trustOf = trustOfStrangers(traceContext);
  return {
    name: "begin",
    run(exchange) {
      const { record, request, outgoing, reply } = exchange;
      const trusted = !outside && isSecurityTier(request.peer);
      const trust = trusted ? "continue" : outside ? trustOf(request.peer) : "restart";
      const claims = claimsOf(exchange);
      const { id, clientRequestId } = requestIds(claims.requestIds, { trusted, ids });
      record.id = id;
      record.clientRequestId = clientRequestId;
      record.trace = traceIds(claims, { trust, outside, sample, ids });
      record.target = request.target;
      record.userAgent = claims.userAgent;
      // Nobody is told the name that he gave.
      if (id !== claims.requestIds[0]) reply.add("x-request-id", id);
      outgoing.set("x-request-id", id);
      const baggage = trust === "continue" ? baggageOf(claims.baggage) : undefined;
      if (baggage !== undefined) outgoing.set("baggage", baggage);
      // The security tier knows the trace; it is told only where this tier comes to decide otherwise about it.
      if (!trusted) reply.add("traceresponse", traceparentOf(record.trace, record.trace.spanId));
    },
  };
}

const restart: TraceContextOptions = { trust: "restart", networks: [] };
const none: readonly string[] = [];

/** What the headers say, as they were sent: hygiene has not run yet, and may refuse the request. */
function claimsOf(exchange: Exchange): Claims {
  const { rawHeaders } = exchange.request;
  let userAgent: string | undefined;
  let requestId = none;
  let traceparents = none;
  let tracestates = none;
  let baggage = none;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    // One name of seven letters, four of ten to twelve: most headers are passed over by their length.
    if (name.length !== 7 && (name.length < 10 || name.length > 12)) continue;
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
      case "baggage":
        baggage = [...baggage, value];
        break;
    }
  }
  return { userAgent, requestIds: requestId, traceparents, tracestates, baggage };
}
