/** What a line says beside its message; names that sound secret, and `Secret` values, are never shown. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The port that libs log through: warnings where an operator should act, debug for the rest; never once per request. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger whose every line carries these fields too. */
  child(fields: LogFields): Logger;
  /** Ask before collecting what only a debug line would show. */
  readonly isDebug: boolean;
}

/** Where lines go that were serialised already, such as those of the access log; whatever the level. */
export interface LineSink {
  /** One JSON object without a line break; it is neither read nor redacted any more. */
  line(serialised: string): void;
}
