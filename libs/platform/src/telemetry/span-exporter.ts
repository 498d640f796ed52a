import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { createCollector, type CollectorOptions } from "./collector.ts";
import type { CompactSpan } from "./compact-span.ts";
import { createExportQueue, type ExportOptions, type ExportQueue } from "./export-queue.ts";
import { readableSpan } from "./readable-span.ts";

/** `queue` and `batch` count spans: encoding 128 holds the event loop up for about a millisecond. */
export interface SpanExporterOptions extends CollectorOptions, ExportOptions {}

/** Sends spans to a collector, and never makes anybody wait for it. */
export type SpanExporter = ExportQueue<CompactSpan>;

/** Opens an exporter; a collector that is slow, gone or wrong costs spans, never requests. */
export function createSpanExporter(options: SpanExporterOptions): SpanExporter {
  const { logger, queue = 16_384, batch = 128, every = 1000 } = options;
  const collector = createCollector<CompactSpan>(options, {
    path: "/v1/traces",
    exporter(settings, origin) {
      const otlp = new OTLPTraceExporter(settings);
      return {
        export(spans, done) {
          otlp.export(
            spans.map((span) => readableSpan(span, origin)),
            done,
          );
        },
      };
    },
  });
  return createExportQueue({ what: "spans", collector, logger, queue, batch, every });
}
