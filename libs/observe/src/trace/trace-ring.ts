import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";

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
  readonly addedAt: number;
}

/** Opens a ring. Adding is one assignment; looking up searches, because only people look up. */
export function createTraceRing({ keep, age = 3_600_000, now = Date.now }: TraceRingOptions): TraceRing {
  const entries: (Entry | undefined)[] = Array.from({ length: keep });
  let next = 0;

  const kept = function* (): Generator<Entry> {
    const oldest = now() - age;
    for (let back = 1; back <= keep; back++) {
      const at = (next - back + keep) % keep;
      const entry = entries[at];
      if (!entry) return;
      if (entry.addedAt >= oldest) yield entry;
      else entries[at] = undefined;
    }
  };

  return {
    add(requestId, spans) {
      if (keep === 0 || spans.length === 0) return;
      entries[next] = { requestId, spans, addedAt: now() };
      next = (next + 1) % keep;
    },
    get(id) {
      const all = [...kept()];
      const traceId = all.find((entry) => entry.requestId === id)?.spans[0]?.traceId ?? id;
      const spans = all.flatMap((entry) => (entry.spans[0]?.traceId === traceId ? entry.spans : []));
      return spans.length > 0 ? spans : undefined;
    },
    latest(count) {
      const summaries: TraceSummary[] = [];
      for (const { requestId, spans } of kept()) {
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
