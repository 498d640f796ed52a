import { SeverityNumber } from "@opentelemetry/api";
import { endOfSearched } from "../log/json-line.ts";
import { addAttribute, addWrittenText, attributeKey } from "./line-attributes.ts";
import { createFieldFinder } from "./line-fields.ts";
import { epochOf, nanoseconds } from "./line-time.ts";
import { lengthDelimited, type ProtobufWriter, varintSize } from "./protobuf-writer.ts";

/** The fields by which lines are searched; a central log keeps them beside the line, whose whole text is the body. */
export const searchedFields = [
  "event.dataset",
  "tandem.tier",
  "http.request.id",
  "http.request.method",
  "http.response.status_code",
  "client.address",
  "user.id",
  "tandem.route",
  "tandem.flags",
  "error.code",
];
/** What has a place of its own in a record. */
const ownFields = ["@timestamp", "event.duration", "log.level", "trace.id", "span.id"];
const fields = [...searchedFields, ...ownFields];
const [beganAt = 0, durationAt = 0, levelAt = 0, traceIdAt = 0, spanIdAt = 0] = ownFields.map((name) =>
  fields.indexOf(name),
);

/** Field numbers of opentelemetry-proto with their wire type. */
const tag = {
  record: 0x12,
  time: 0x09,
  severityNumber: 0x10,
  severityText: 0x1a,
  body: 0x2a,
  text: 0x0a,
  traceId: 0x4a,
  spanId: 0x52,
  observedTime: 0x59,
};
const severity = (level: string, number: SeverityNumber): [string, Buffer] => [
  `"${level}"`,
  Buffer.concat([Buffer.of(tag.severityNumber, number), lengthDelimited(tag.severityText, Buffer.from(level))]),
];
const severities = new Map([
  severity("debug", SeverityNumber.DEBUG),
  severity("info", SeverityNumber.INFO),
  severity("warn", SeverityNumber.WARN),
  severity("error", SeverityNumber.ERROR),
]);
const keys = searchedFields.map(attributeKey);
const aTraceId = /^"(?!0{32})[0-9a-f]{32}"$/;
const aSpanId = /^"(?!0{16})[0-9a-f]{16}"$/;
const quote = '"';

/** What tags and lengths in front of a body take at most. */
const mostHead = 18;
/** What a record has beside its body and what is repeated of it: keys, lengths, times and ids. */
const mostRest = 1024;

const findFields = createFieldFinder(fields, endOfSearched);
/** Where the fields of the line stand that is being written. */
const found = fields.map(() => ({ from: 0, to: 0 }));

/** Writes one line as a record; what is no JSON, or has a flaw somewhere, goes without the fields concerned. */
export function addRecord(out: ProtobufWriter, line: string, now: number): void {
  // A character is three bytes at most, and most of a line may be repeated beside it.
  out.room(6 * line.length + mostHead + mostRest);
  const start = out.at;
  const bodyAt = start + mostHead;
  const bodyEnd = bodyAt + out.bytes.write(line, bodyAt);
  out.at = bodyEnd;
  // A character for each byte, so that a place in the one is the place in the other.
  const text = bodyEnd - bodyAt === line.length ? line : out.bytes.toString("latin1", bodyAt, bodyEnd);
  findFields(text, found);
  addAttributes(out, text, bodyAt);
  addTimes(out, text, now);
  const level = severities.get(valueAt(text, levelAt));
  if (level !== undefined) out.raw(level);
  const traceId = valueAt(text, traceIdAt);
  if (aTraceId.test(traceId)) {
    addId(out, tag.traceId, traceId);
    const spanId = valueAt(text, spanIdAt);
    if (aSpanId.test(spanId)) addId(out, tag.spanId, spanId);
  }
  addHead(out, { start, bodyAt, bodyEnd });
}

/** Goes back to write what is in front of the body, and closes the gap that is left. */
function addHead(
  out: ProtobufWriter,
  { start, bodyAt, bodyEnd }: { readonly start: number; readonly bodyAt: number; readonly bodyEnd: number },
): void {
  const end = out.at;
  const body = bodyEnd - bodyAt;
  const inBody = 1 + varintSize(body) + body;
  out.at = start;
  out.byte(tag.record);
  out.varint(1 + varintSize(inBody) + inBody + end - bodyEnd);
  out.byte(tag.body);
  out.varint(inBody);
  out.byte(tag.text);
  out.varint(body);
  out.again(bodyAt, end);
}

/** A text is copied from the body where the line has no escape; whatever else is found has to be read. */
function addAttributes(out: ProtobufWriter, text: string, bodyAt: number): void {
  const escapes = text.includes("\\");
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    const { from, to } = found[index]!;
    if (to === 0) continue;
    if (!escapes && text[from] === quote) addWrittenText(out, key, { from: bodyAt + from + 1, to: bodyAt + to - 1 });
    else addAttribute(out, key, readValue(out.bytes.toString("utf8", bodyAt + from, bodyAt + to)));
  }
}

/** Loki refuses what is an hour older than what it has already, and a WebSocket may have begun long ago: a line is as old as its end. */
function addTimes(out: ProtobufWriter, text: string, now: number): void {
  const lasted = Number(valueAt(text, durationAt)) / 1e6;
  const ended = epochOf(valueAt(text, beganAt)) + (lasted || 0);
  out.byte(tag.time);
  // Negative times and those beyond what 64 bits of nanoseconds hold would be sent as something else.
  out.fixed64(nanoseconds(ended > 0 && ended < 1e13 ? ended : now));
  out.byte(tag.observedTime);
  out.fixed64(nanoseconds(now));
}

/** An id in quotes, as the bytes that it stands for. */
function addId(out: ProtobufWriter, ofId: number, quoted: string): void {
  out.byte(ofId);
  out.varint((quoted.length - 2) / 2);
  out.at += out.bytes.write(quoted.slice(1, -1), out.at, "hex");
}

/** A field as it stands in the line; empty where there is none. */
function valueAt(text: string, index: number): string {
  const { from, to } = found[index]!;
  return text.slice(from, to);
}

function readValue(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
