import { createLogExporter } from "../telemetry/log-exporter.ts";
import type { LogSink, SinkReports } from "./sink.ts";

interface OtlpSinkOptions {
  readonly url: string;
  readonly service: string;
  readonly instance: string;
  readonly version?: string | undefined;
  readonly others: SinkReports;
  /** The line that owns up to dropped lines, as JSON. */
  readonly report: (dropped: number) => string;
}

/** The central log as a sink: its queue is the buffer, and what it lost stands in it as soon as it takes lines again. */
export function createOtlpSink({ others, report, version, ...where }: OtlpSinkOptions): LogSink {
  let reported = 0;
  const exporter = createLogExporter({
    ...where,
    ...(version !== undefined && { version }),
    logger: {
      warn: (message, fields = {}) => others.warn(message, { sink: "otlp", ...fields }),
      info(message, fields = {}) {
        others.info(message, { sink: "otlp", ...fields });
        if (exporter.dropped === reported) return;
        exporter.export([report(exporter.dropped - reported)]);
        reported = exporter.dropped;
      },
    },
  });
  return {
    name: "otlp",
    get written() {
      return exporter.exported;
    },
    get dropped() {
      return exporter.dropped;
    },
    push: (text, lines) => exporter.export(lines === 1 ? [text] : text.split("\n")),
    // Its batches have a rhythm of their own.
    flush: () => {},
    close: (graceMs) => exporter.shutdown(graceMs),
  };
}
