import { once } from "node:events";
import winston from "winston";
import { systemClock, type Clock } from "../clock.ts";
import { processEnvironment } from "../config/environment.ts";
import type { LineStream } from "./batch-writer.ts";
import type { LogOptions } from "./config.ts";
import { createFileSink } from "./file-sink.ts";
import { toJsonLine } from "./json-line.ts";
import { LineBatch } from "./line-batch.ts";
import type { LineSink, LogFields, Logger } from "./logger.ts";
import { createOtlpSink } from "./otlp-sink.ts";
import { toPrettyLine } from "./pretty-line.ts";
import type { LogSink, SinkFigures, SinkReports } from "./sink.ts";
import { SinkTransport } from "./sink-transport.ts";
import { createWriterSink } from "./writer-sink.ts";

/** The logger of a process: what the libs see of it, the way for lines that are text already, and its end. */
export interface ProcessLogger extends Logger, LineSink {
  /** Where lines go, and what became of them. */
  readonly sinks: readonly SinkFigures[];
  /** Writes what waits, for at most a second each; the last thing that a process does. */
  close(): Promise<void>;
}

interface LoggerOptions extends Partial<LogOptions> {
  /** Which process this is: on every line, in the name of its file, and for the central log. */
  readonly service?: string;
  readonly instance?: string;
  readonly version?: string;
  /** What else is on every line. */
  readonly fields?: LogFields;
  readonly stdout?: LineStream & { readonly isTTY?: boolean };
  readonly clock?: Clock;
  /** Characters that may wait for a stalled reader, and for a slow disk. */
  readonly maxBuffered?: number;
}

type Level = LogOptions["level"];
type Log = (level: Level, message: string, fields: LogFields) => void;

const levels = { access: 0, error: 0, warn: 1, info: 2, debug: 3 };
const closeMs = 1000;
/** Where winston looks for the finished text. */
const finishedText = Symbol.for("message");
const asItIs = winston.format((info) => info)();

/** Logs through winston to every sink there is; none of them can make a caller wait, or another sink. */
export function createLogger(options: LoggerOptions = {}): ProcessLogger {
  const { level = "info", stdout = process.stdout, clock = systemClock } = options;
  const { service = "tandem", instance = String(process.pid), version, file, otlp, maxBuffered } = options;
  const fields = {
    ...(options.service !== undefined && { "service.name": service }),
    ...(options.instance !== undefined && { "service.node.name": instance }),
    ...options.fields,
  };
  const stacks = level === "debug";
  const toLine = (lineLevel: Level, message: string, lineFields: LogFields): string =>
    toJsonLine({ time: clock.now(), level: lineLevel, message, fields: lineFields }, stacks);
  const report = (dropped: number): string => toLine("warn", "log lines were dropped", { ...fields, dropped });

  const sinks: LogSink[] = [];
  /** What a sink has to say of itself goes to the others: to itself it might never come. */
  const othersOf = (name: SinkFigures["name"]): SinkReports => {
    const tell = (lineLevel: Level) => (message: string, more: LogFields) => {
      const text = toLine(lineLevel, message, { ...fields, ...more });
      for (const sink of sinks) if (sink.name !== name) sink.push(text, 1);
    };
    return { warn: tell("warn"), info: tell("info") };
  };
  const inForm = formOf(options.format ?? "auto", stdout);
  sinks.push(createWriterSink(stdout, { name: "stdout", others: othersOf("stdout"), inForm, report, maxBuffered }));
  if (otlp !== undefined)
    sinks.push(createOtlpSink({ url: otlp, service, instance, version, others: othersOf("otlp"), report }));
  if (file) sinks.push(createFileSink({ file, service, instance, others: othersOf("file"), report, maxBuffered }));

  const target = winston.createLogger({
    level,
    levels,
    format: asItIs,
    transports: sinks.map((sink) => new SinkTransport(sink)),
  });
  const lines = new LineBatch((text, count) => {
    target.log({ level: "access", message: "", [finishedText]: text, lines: count });
  });
  let isClosed = false;
  const log: Log = (lineLevel, message, lineFields) => {
    if (isClosed || levels[lineLevel] > levels[level]) return;
    const text = toLine(lineLevel, message, lineFields);
    target.log({ level: lineLevel, message, [finishedText]: text });
  };

  return {
    ...bound(log, fields, stacks),
    line(text) {
      if (!isClosed) lines.add(text);
    },
    sinks,
    async close() {
      if (isClosed) return;
      lines.flush();
      isClosed = true;
      const finished = Promise.all(target.transports.map((transport) => once(transport, "finish")));
      target.end();
      await finished;
      // The central log first: what it could not send is told to the others.
      for (const name of ["otlp", "file", "stdout"])
        await Promise.all(sinks.filter((sink) => sink.name === name).map((sink) => sink.close(closeMs)));
    },
  };
}

/** Lays lines out for a person at a terminal, or leaves them to programs as they are. */
function formOf(format: LogOptions["format"], { isTTY }: { readonly isTTY?: boolean }): (json: string) => string {
  if (format === "json" || (format === "auto" && isTTY !== true)) return (json) => json;
  const colours = isTTY === true && (processEnvironment()["NO_COLOR"] ?? "") === "";
  return (json) => toPrettyLine(json, { colours });
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
