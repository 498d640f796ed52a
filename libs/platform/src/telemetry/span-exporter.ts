import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { createCollector, type CollectorOptions } from "./collector.ts";
import type { CompactSpan } from "./compact-span.ts";
import { createExportQueue, type ExportOptions, type ExportQueue } from "./export-queue.ts";
import { createOtlpExporter } from "./otlp-exporter.ts";
import { createSpanEncoder } from "./span-encoder.ts";

/** `queue` and `batch` count spans: encoding 512 holds the event loop up for less than a millisecond. */
export interface SpanExporterOptions extends CollectorOptions, ExportOptions {}

/** Sends spans to a collector, and never makes anybody wait for it. */
export type SpanExporter = ExportQueue<CompactSpan>;

/** Opens an exporter; a collector that is slow, gone or wrong costs spans, never requests. */
export function createSpanExporter(options: SpanExporterOptions): SpanExporter {
  const { logger, queue = 16_384, batch = 512, every = 1000 } = options;
  const collector = createCollector<CompactSpan>(options, {
    path: "/v1/traces",
    exporter: (settings, origin) =>
      createOtlpExporter(settings, {
        item: "span",
        encode: createSpanEncoder(origin),
        decodeAnswer: (data) => ProtobufTraceSerializer.deserializeResponse(data),
      }),
  });
  return createExportQueue({ what: "spans", collector, logger, queue, batch, every, lengthOf });
}

/** Of the state that the client sent, and of what is told of its request. */
function lengthOf({ state = "", attributes }: CompactSpan): number {
  let { length } = state;
  for (const name in attributes) {
    const value = attributes[name];
    if (typeof value === "string") length += value.length;
  }
  return length;
}
