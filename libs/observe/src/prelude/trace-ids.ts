import type { TraceIds } from "@tandem/contracts/trace";
import type { Ids } from "@tandem/platform/random";
import { parseTraceContext } from "@tandem/platform/telemetry/trace-context";
import type { Trust } from "./config.ts";
import type { Claims } from "./request-ids.ts";

interface Circumstances {
  readonly trust: Trust;
  /** The caller is none of ours: what it decides about sampling is for all tiers behind to keep. */
  readonly outside: boolean;
  readonly sample: number;
  readonly ids: Pick<Ids, "traceId" | "spanId">;
}

/**
 * Where a request stands in a trace. A trusted caller's trace is continued with its decision; a stranger's is linked, never
 * continued, because its ids and its sampling flag would let anybody write into our traces and fill our collector.
 */
export function traceIds(
  { traceparents, tracestates }: Pick<Claims, "traceparents" | "tracestates">,
  { trust, outside, sample, ids }: Circumstances,
): TraceIds {
  const continued = trust === "continue";
  const context =
    traceparents.length === 0 || trust === "ignore"
      ? undefined
      : parseTraceContext(traceparents, continued ? tracestates : []);
  if (continued && context) {
    const { spanId: parentSpanId, ...inherited } = context;
    return { ...inherited, spanId: ids.spanId(), parentSpanId, ...(outside && { decided: true as const }) };
  }
  const traceId = ids.traceId();
  const fresh = { traceId, spanId: ids.spanId(), sampled: isSampled(traceId, sample), random: true };
  return context ? { ...fresh, link: { traceId: context.traceId, spanId: context.spanId } } : fresh;
}

/** A trace of which nobody has said anything. */
export const freshTrace = (sample: number, ids: Circumstances["ids"]): TraceIds =>
  traceIds({ traceparents: [], tracestates: [] }, { trust: "ignore", outside: true, sample, ids });

/** The same trace id gives the same answer at the same ratio, in whatever process asks. */
export function isSampled(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  return ratio > 0 && Number.parseInt(traceId.slice(-8), 16) < ratio * 0x1_0000_0000;
}
