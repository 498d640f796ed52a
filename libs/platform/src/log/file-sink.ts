import { claimLogFile } from "./file-claim.ts";
import type { LogOptions } from "./config.ts";
import { RotatingFile } from "./rotating-file.ts";
import type { LogSink, SinkReports } from "./sink.ts";
import { createWriterSink } from "./writer-sink.ts";

interface FileSinkOptions {
  readonly file: NonNullable<LogOptions["file"]>;
  /** Of the process; the file is called after it. */
  readonly service: string;
  readonly instance: string;
  readonly others: SinkReports;
  /** The line that owns up to dropped lines, as JSON. */
  readonly report: (dropped: number) => string;
  readonly maxBuffered?: number | undefined;
}

/** A rotating file as a sink; where another process has the file already, one beside it, and all others are told. */
export function createFileSink({ file: config, service, instance, ...options }: FileSinkOptions): LogSink {
  const { others } = options;
  const open = () => {
    const claim = claimLogFile(config.directory, { name: service, instance, onLost: () => moveAside() });
    const { file, heldBy } = claim;
    if (heldBy !== undefined)
      others.warn("another process has this log file, so this one writes beside it", { file, heldBy });
    return claim;
  };
  const moveAside = (): void => {
    claim = open();
    file.moveTo(claim.file);
  };
  let claim = open();
  const file = new RotatingFile(claim.file, config);
  return createWriterSink(file, {
    name: "file",
    ...options,
    async release() {
      await file.close();
      claim.release();
    },
  });
}
