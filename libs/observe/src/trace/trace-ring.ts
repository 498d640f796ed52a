import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import { createRing } from "../ring/ring.ts";

/** What a list of traces shows of one request. */
export interface TraceSummary {
  readonly traceId: string;
  readonly requestId: string;
  readonly name: string;
  readonly path: string;
  readonly status: number;
  readonly startedAt: number;
  readonly duration: number;
}

/** The latest traces of this process, for whoever asks on the admin plane. */
export interface TraceRing {
  add(requestId: string, spans: readonly CompactSpan[]): void;
  /** All spans of a trace, found by its id or by that of a request of it; undefined when none is kept. */
  get(id: string): readonly CompactSpan[] | undefined;
  /** Newest first. */
  latest(count: number): TraceSummary[];
}

export interface TraceRingOptions {
  /** Requests, not spans. */
  readonly keep: number;
  /** Milliseconds after which a trace is forgotten, room or not. */
  readonly age?: number;
  readonly now?: () => number;
}

interface Entry {
  readonly requestId: string;
  readonly spans: readonly CompactSpan[];
}

/** Opens a ring; looking up searches, because only people look up. */
export function createTraceRing(options: TraceRingOptions): TraceRing {
  const ring = createRing<Entry>(options);

  return {
    add(requestId, spans) {
      if (spans.length > 0) ring.add({ requestId, spans });
    },
    get(id) {
      const all = [...ring.items()];
      const traceId = all.find((entry) => entry.requestId === id)?.spans[0]?.traceId ?? id;
      const spans = all.flatMap((entry) => (entry.spans[0]?.traceId === traceId ? entry.spans : []));
      return spans.length > 0 ? spans : undefined;
    },
    latest(count) {
      const summaries: TraceSummary[] = [];
      for (const { requestId, spans } of ring.items()) {
        if (summaries.length === count) break;
        const [server] = spans;
        if (server) summaries.push(summaryOf(requestId, server));
      }
      return summaries;
    },
  };
}

const summaryOf = (
  requestId: string,
  { traceId, name, startedAt, duration, attributes }: CompactSpan,
): TraceSummary => ({
  traceId,
  requestId,
  name,
  path: String(attributes["url.path"] ?? ""),
  status: Number(attributes["http.response.status_code"] ?? 0),
  startedAt,
  duration,
});
