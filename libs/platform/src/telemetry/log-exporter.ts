import { ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer";
import { createCollector, type CollectorOptions } from "./collector.ts";
import { createExportQueue, type ExportOptions, type ExportQueue } from "./export-queue.ts";
import { createLineEncoder } from "./line-encoder.ts";
import { createOtlpExporter } from "./otlp-exporter.ts";

/** `queue` counts characters, because lines differ; `batch` counts lines. */
export interface LogExporterOptions extends CollectorOptions, ExportOptions {}

/** Sends finished lines to a central log; takes one line of JSON each. */
export type LogExporter = ExportQueue<string>;

/** Opens an exporter; a central log that is slow, gone or wrong costs lines, never requests. */
export function createLogExporter(options: LogExporterOptions): LogExporter {
  const { logger, queue = 8_388_608, batch = 256, every = 500 } = options;
  const collector = createCollector<string>(options, {
    path: "/v1/logs",
    exporter: (settings, origin) =>
      createOtlpExporter(settings, {
        item: "log",
        encode: createLineEncoder(origin),
        decodeAnswer: (data) => ProtobufLogsSerializer.deserializeResponse(data),
      }),
  });
  return createExportQueue({
    what: "log lines",
    collector,
    logger,
    queue,
    batch,
    every,
    weigh: lengthOf,
    lengthOf,
  });
}

const lengthOf = (line: string): number => line.length;
