import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { createCollector, type CollectorOptions } from "./collector.ts";
import { createExportQueue, type ExportOptions, type ExportQueue } from "./export-queue.ts";
import { readableLog } from "./readable-log.ts";

/** `queue` counts characters, because lines differ; `batch` counts lines. */
export interface LogExporterOptions extends CollectorOptions, ExportOptions {}

/** Sends finished lines to a central log; takes one line of JSON each. */
export type LogExporter = ExportQueue<string>;

/** Opens an exporter; a central log that is slow, gone or wrong costs lines, never requests. */
export function createLogExporter(options: LogExporterOptions): LogExporter {
  const { logger, queue = 8_388_608, batch = 32, every = 500 } = options;
  const collector = createCollector(options, {
    path: "/v1/logs",
    readable: readableLog,
    exporter: (settings) => new OTLPLogExporter(settings),
  });
  return createExportQueue({
    what: "log lines",
    collector,
    logger,
    queue,
    batch,
    every,
    weigh: (line) => line.length,
  });
}
