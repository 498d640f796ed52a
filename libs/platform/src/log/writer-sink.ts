import { BatchWriter, type LineStream } from "./batch-writer.ts";
import type { LogSink, SinkFigures, SinkReports } from "./sink.ts";

interface WriterSinkOptions {
  readonly name: SinkFigures["name"];
  readonly others: SinkReports;
  /** Lays finished lines out for whoever reads them here; nothing of a line that they do not want. */
  readonly inForm?: (json: string) => string;
  /** The line that owns up to dropped lines, as JSON. */
  readonly report: (dropped: number) => string;
  readonly maxBuffered?: number | undefined;
  /** What is to be let go at the end. */
  readonly release?: () => Promise<void>;
}

const asItIs = (json: string): string => json;

/** A sink that writes text to something that may stall or fail. */
export function createWriterSink(target: LineStream, options: WriterSinkOptions): LogSink {
  const { name, others, inForm = asItIs, report, maxBuffered, release } = options;
  const writer: BatchWriter = new BatchWriter(target, {
    report: (dropped) => inForm(report(dropped)),
    onChange(reason) {
      const fields = { sink: name, dropped: writer.dropped };
      if (reason === undefined) others.info("a sink of the log is well again", fields);
      else others.warn("a sink of the log fails", { ...fields, reason });
    },
    ...(maxBuffered !== undefined && { maxBuffered }),
  });
  return {
    name,
    get written() {
      return writer.written;
    },
    get dropped() {
      return writer.dropped;
    },
    push(text, lines) {
      const wanted = (lines === 1 ? [text] : text.split("\n")).map(inForm).filter((line) => line !== "");
      if (wanted.length > 0) writer.push(wanted.join("\n"), wanted.length);
    },
    flush: () => writer.flush(),
    async close(graceMs) {
      await writer.close(graceMs);
      await release?.();
    },
  };
}
