import { once } from "node:events";
import winston from "winston";
import { systemClock, type Clock } from "../clock.ts";
import { processEnvironment } from "../config/environment.ts";
import { BatchTransport } from "./batch-transport.ts";
import { BatchWriter, type Sink } from "./batch-writer.ts";
import type { LogOptions } from "./config.ts";
import { type Entry, toJsonLine } from "./json-line.ts";
import { LineBatch } from "./line-batch.ts";
import type { LineSink, LogFields, Logger } from "./logger.ts";
import { toPrettyLine } from "./pretty-line.ts";

/** The logger of a process: what the libs see of it, the way for lines that are text already, and its end. */
export interface ProcessLogger extends Logger, LineSink {
  /** Lines lost since the start, because nobody read them in time. */
  readonly dropped: number;
  /** Writes what waits, for at most a second; the last thing that a process does. */
  close(): Promise<void>;
}

interface LoggerOptions extends Partial<LogOptions> {
  /** On every line: which process this is. */
  readonly fields?: LogFields;
  readonly stdout?: Sink & { readonly isTTY?: boolean };
  readonly clock?: Clock;
  /** Characters that may wait for a stalled reader. */
  readonly maxBuffered?: number;
}

type Level = LogOptions["level"];
type Log = (level: Level, message: string, fields: LogFields) => void;

const levels = { access: 0, error: 0, warn: 1, info: 2, debug: 3 };
const closeMs = 1000;
/** Where winston looks for the finished text. */
const finishedText = Symbol.for("message");
const asItIs = winston.format((info) => info)();

/** Logs through winston to stdout, without ever waiting for whoever reads it. */
export function createLogger(options: LoggerOptions = {}): ProcessLogger {
  const { level = "info", format = "auto", fields = {}, stdout = process.stdout, clock = systemClock } = options;
  const isPretty = format === "pretty" || (format === "auto" && stdout.isTTY === true);
  const colours = stdout.isTTY === true && (processEnvironment()["NO_COLOR"] ?? "") === "";
  const stacks = level === "debug";
  const inForm = (json: string): string => (isPretty ? toPrettyLine(json, { colours }) : json);
  const toLine = (entry: Entry): string => inForm(toJsonLine(entry, stacks));

  const writer = new BatchWriter(stdout, {
    report: (dropped) =>
      toLine({ time: clock.now(), level: "warn", message: "log lines were dropped", fields: { ...fields, dropped } }),
    ...(options.maxBuffered !== undefined && { maxBuffered: options.maxBuffered }),
  });
  const transport = new BatchTransport(writer);
  const target = winston.createLogger({ level, levels, format: asItIs, transports: [transport] });
  const lines = new LineBatch((text, count) => {
    target.log({ level: "access", message: "", [finishedText]: text, lines: count });
  });
  let isClosed = false;
  const log: Log = (lineLevel, message, lineFields) => {
    if (isClosed || levels[lineLevel] > levels[level]) return;
    const text = toLine({ time: clock.now(), level: lineLevel, message, fields: lineFields });
    target.log({ level: lineLevel, message, [finishedText]: text });
  };

  return {
    ...bound(log, fields, stacks),
    line(text) {
      if (!isClosed) lines.add(inForm(text));
    },
    get dropped() {
      return writer.dropped;
    },
    async close() {
      if (isClosed) return;
      lines.flush();
      isClosed = true;
      const finished = once(transport, "finish");
      target.end();
      await finished;
      await writer.close(closeMs);
    },
  };
}

function bound(log: Log, fields: LogFields, isDebug: boolean): Logger {
  const at = (level: Level) => (message: string, more?: LogFields) =>
    log(level, message, more === undefined ? fields : { ...fields, ...more });
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    child: (more) => bound(log, { ...fields, ...more }, isDebug),
    isDebug,
  };
}
