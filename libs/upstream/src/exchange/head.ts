import type { Exchange } from "@tandem/kernel/exchange";
import { traceparentOf } from "@tandem/platform/telemetry/trace-context";

/** What belongs to one connection, and what each hop says for itself. */
const ownOfTheHop: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "traceparent",
  "tracestate",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The headers of one attempt: what the client sent and may say, the edits of the stages, the trace with this attempt as its parent, and the milliseconds that are left for it, if they are counted. */
export function headOf(exchange: Exchange, spanId: string, left = Infinity): string[] {
  const { request, record } = exchange;
  const head = exchange.outgoing.applyTo(request.headers);
  let kept = 0;
  let named = false;
  // Each hop asks for itself; on HTTP/2 the client always has a place for them.
  let trailers = request.protocol === "2";
  for (let index = 0; index < head.length; index += 2) {
    const name = head[index]!;
    if (ownOfTheHop.has(name)) {
      if (name === "te" && head[index + 1] === "trailers") trailers = true;
      continue;
    }
    const value = head[index + 1]!;
    // A length without a body would make the next request on the connection pass for the body of this one.
    if (name === "content-length" && !request.body && !request.content && value !== "0") continue;
    if (name === "host") named = true;
    head[kept++] = name;
    head[kept++] = value;
  }
  head.length = kept;
  if (!named && request.host) head.push("host", request.host);
  if (trailers) head.push("te", "trailers");
  if (record.trace) {
    head.push("traceparent", traceparentOf(record.trace, spanId));
    if (record.trace.state) head.push("tracestate", record.trace.state);
  }
  if (left !== Infinity) head.push("tandem-timeout-ms", String(Math.max(1, Math.round(left))));
  return head;
}

/** Path and query of the request as the next hop gets them. */
export const targetOf = ({ request, target }: Exchange): string => target ?? request.path + request.query;
