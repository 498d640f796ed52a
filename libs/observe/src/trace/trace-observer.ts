import type { Observer, RequestRecord } from "@tandem/kernel/record";
import type { Ids } from "@tandem/platform/random";
import type { SpanExporter } from "@tandem/platform/telemetry/span-exporter";
import { spansOfRecord } from "./spans-of-record.ts";
import type { TraceRing } from "./trace-ring.ts";
import { isWanted } from "./wanted.ts";

export interface TraceObserverOptions {
  readonly ids: Pick<Ids, "spanId">;
  /** Milliseconds from which on a request is exported though it was not sampled. */
  readonly slow?: number | undefined;
  readonly exporter?: Pick<SpanExporter, "export"> | undefined;
  readonly ring?: Pick<TraceRing, "add"> | undefined;
}

/** Turns the record of a wanted request into spans; any other request pays for this one look. */
export function traceObserver({ ids, slow, exporter, ring }: TraceObserverOptions): Observer {
  return (record: RequestRecord) => {
    if (!isWanted(record, slow)) return;
    const spans = spansOfRecord(record, ids);
    exporter?.export(spans);
    ring?.add(record.id, spans);
  };
}
