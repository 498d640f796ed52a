import type { TraceIds } from "@tandem/contracts/trace";
import type { Ids } from "@tandem/platform/random";
import { parseTraceContext } from "@tandem/platform/telemetry/trace-context";
import type { Claims } from "./request-ids.ts";

interface Circumstances {
  readonly trusted: boolean;
  readonly sample: number;
  readonly ids: Pick<Ids, "traceId" | "spanId">;
}

/**
 * Where a request stands in a trace. The security tier's trace is continued with its decision; a stranger's is linked, never
 * continued, because its ids and its sampling flag would let anybody write into our traces and fill our collector.
 */
export function traceIds(
  { traceparents, tracestates }: Pick<Claims, "traceparents" | "tracestates">,
  { trusted, sample, ids }: Circumstances,
): TraceIds {
  const context = traceparents.length === 0 ? undefined : parseTraceContext(traceparents, trusted ? tracestates : []);
  if (trusted && context) {
    const { spanId: parentSpanId, ...inherited } = context;
    return { ...inherited, spanId: ids.spanId(), parentSpanId };
  }
  const traceId = ids.traceId();
  const fresh = { traceId, spanId: ids.spanId(), sampled: isSampled(traceId, sample), random: true };
  return context ? { ...fresh, link: { traceId: context.traceId, spanId: context.spanId } } : fresh;
}

/** The same trace id gives the same answer at the same ratio, in whatever process asks. */
export function isSampled(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  return ratio > 0 && Number.parseInt(traceId.slice(-8), 16) < ratio * 0x1_0000_0000;
}
