import type { IncomingMessage } from "node:http";
import type { Ids } from "@tandem/platform/random";
import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import { parseTraceContext } from "@tandem/platform/telemetry/trace-context";

/** How a request came out. */
export interface Outcome {
  readonly status: number;
  /** The pattern of the route, where one was found. */
  readonly route: string | undefined;
  /** The client stayed until the end. */
  readonly whole: boolean;
}

/** Begins the span of a request and gives what ends it: the span goes on with the caller's trace, or begins one; undefined where the caller does not sample. */
export function beginSpan(request: IncomingMessage, ids: Ids): (outcome: Outcome) => CompactSpan | undefined {
  const { traceparent = [], tracestate = [] } = request.headersDistinct;
  const parent = parseTraceContext(traceparent, tracestate);
  // A socket that is closed no longer knows it.
  const peer = request.socket.remoteAddress ?? "";
  const began = performance.now();
  return ({ status, route, whole }) => {
    if (parent?.sampled === false) return undefined;
    const method = request.method ?? "";
    const failure = whole ? (status >= 500 ? `status ${status}` : undefined) : "the client left";
    return {
      traceId: parent?.traceId ?? ids.traceId(),
      spanId: ids.spanId(),
      ...(parent && { parentSpanId: parent.spanId, remoteParent: true }),
      ...(parent?.state && { state: parent.state }),
      flags: parent && !parent.random ? 1 : 3,
      kind: "server",
      name: route === undefined ? method : `${method} ${route}`,
      startedAt: performance.timeOrigin + began,
      duration: performance.now() - began,
      ...(failure !== undefined && { failure }),
      attributes: {
        "http.request.method": method,
        "url.scheme": "http",
        "url.path": (request.url ?? "").split("?", 1)[0] ?? "",
        ...(route !== undefined && { "http.route": route }),
        ...(status > 0 && { "http.response.status_code": status }),
        "network.peer.address": peer,
      },
    };
  };
}
