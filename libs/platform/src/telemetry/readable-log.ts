import { SeverityNumber, TraceFlags, type SpanContext } from "@opentelemetry/api";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { LogFields } from "../log/logger.ts";
import { readLine } from "../log/read-line.ts";
import type { Origin } from "./collector.ts";
import type { SpanValue } from "./compact-span.ts";
import { hrTimeOf } from "./hr-time.ts";

/** The fields by which lines are searched; a central log keeps them beside the line, whose whole text is the body. */
const searchedFields = [
  "event.dataset",
  "tandem.tier",
  "http.request.id",
  "http.request.method",
  "http.response.status_code",
  "client.address",
  "user.id",
  "tandem.route",
  "tandem.service",
  "tandem.flags",
  "error.code",
] as const;

const severities: ReadonlyMap<unknown, SeverityNumber> = new Map([
  ["debug", SeverityNumber.DEBUG],
  ["info", SeverityNumber.INFO],
  ["warn", SeverityNumber.WARN],
  ["error", SeverityNumber.ERROR],
]);
const aTraceId = /^(?!0{32})[0-9a-f]{32}$/;
const aSpanId = /^(?!0{16})[0-9a-f]{16}$/;

const noLine: LogFields = {};

/** Dresses a finished line as what the OTLP exporter reads; what is no JSON, or has a flaw somewhere, goes without the fields concerned. */
export function readableLog(text: string, { resource, scope }: Origin): ReadableLogRecord {
  const line = readLine(text) ?? noLine;
  const now = Date.now();
  const ended = endOf(line);
  const level = line["log.level"];
  const severity = severities.get(level);
  const context = contextOf(line["trace.id"], line["span.id"]);
  return {
    // Negative times and those beyond what 64 bits of nanoseconds hold would be sent as something else.
    hrTime: hrTimeOf(ended > 0 && ended < 1e13 ? ended : now),
    hrTimeObserved: hrTimeOf(now),
    ...(severity !== undefined && { severityNumber: severity, severityText: String(level) }),
    body: text,
    ...(context && { spanContext: context }),
    attributes: attributesOf(line),
    droppedAttributesCount: 0,
    resource,
    instrumentationScope: scope,
  };
}

/** Loki refuses what is an hour older than what it has already, and a WebSocket may have begun long ago: a line is as old as its end. */
function endOf(line: LogFields): number {
  const { "@timestamp": began, "event.duration": nanoseconds } = line;
  if (typeof began !== "string") return Number.NaN;
  return Date.parse(began) + (typeof nanoseconds === "number" ? nanoseconds / 1_000_000 : 0);
}

function contextOf(traceId: unknown, spanId: unknown): SpanContext | undefined {
  if (typeof traceId !== "string" || !aTraceId.test(traceId)) return undefined;
  const hasSpan = typeof spanId === "string" && aSpanId.test(spanId);
  return { traceId, spanId: hasSpan ? spanId : "", traceFlags: TraceFlags.NONE };
}

function attributesOf(line: LogFields): Record<string, SpanValue> {
  const attributes: Record<string, SpanValue> = {};
  for (const name of searchedFields) {
    const value = line[name];
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") attributes[name] = value;
    else if (Array.isArray(value) && value.length > 0) attributes[name] = value.join(",");
  }
  return attributes;
}
