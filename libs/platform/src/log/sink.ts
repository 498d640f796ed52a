/** What became of the lines that a sink was given. */
export interface SinkFigures {
  readonly name: "stdout" | "file" | "otlp";
  readonly written: number;
  /** Lost, because nobody took them in time or at all. */
  readonly dropped: number;
}

/** One place that lines go to. Taking a line costs the caller no wait, whatever state the place is in. */
export interface LogSink extends SinkFigures {
  /** One or several finished lines of JSON, without the last line break. */
  push(text: string, lines: number): void;
  /** Lets go what has waited for company. */
  flush(): void;
  /** Writes the rest, for at most so long; what comes later is dropped. */
  close(graceMs: number): Promise<void>;
}

/** How a sink tells all others what has become of it. */
export interface SinkReports {
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
}
