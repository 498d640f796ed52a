import { SeverityNumber } from "@opentelemetry/api";
import { endOfSearched } from "../log/json-line.ts";
import { addAttribute, addWrittenText, attributeKey } from "./line-attributes.ts";
import { createFieldFinder, type FieldRange } from "./line-fields.ts";
import { createNameFinder } from "./name-finder.ts";
import { epochOf } from "./line-time.ts";
import { addId, digitsAt, isPlainText, wholeNumberAt } from "./line-values.ts";
import { addNanoseconds, isTellable } from "./nanoseconds.ts";
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
const severities = [
  { level: "debug", number: SeverityNumber.DEBUG },
  { level: "info", number: SeverityNumber.INFO },
  { level: "warn", number: SeverityNumber.WARN },
  { level: "error", number: SeverityNumber.ERROR },
];
const findLevel = createNameFinder(severities.map(({ level }) => `"${level}"`));
const encodedSeverities = severities.map(({ level, number }) =>
  Buffer.concat([Buffer.of(tag.severityNumber, number), lengthDelimited(tag.severityText, Buffer.from(level))]),
);
const traceId = { tag: tag.traceId, size: 16 };
const spanId = { tag: tag.spanId, size: 8 };
const keys = searchedFields.map(attributeKey);

/** What tags and lengths in front of a body take at most. */
const mostHead = 18;
/** What a record has beside its body and what is repeated of it: keys, lengths, times and ids. */
const mostRest = 1024;

const findFields = createFieldFinder(fields, endOfSearched);
/** Where the line that is being written stands in the buffer, and where its fields do. */
const body = { from: 0, to: 0 };
const found = fields.map(() => ({ from: 0, to: 0 }));

/** Writes one line as a record; what is no JSON, or has a flaw somewhere, goes without the fields concerned. */
export function addLineRecord(out: ProtobufWriter, line: string, now: number): void {
  // A character is three bytes at most, and most of a line may be repeated beside it.
  out.room(6 * line.length + mostHead + mostRest);
  const start = out.at;
  body.from = start + mostHead;
  body.to = body.from + out.bytes.write(line, body.from);
  out.at = body.to;
  findFields(out.bytes, body, found);
  addAttributes(out);
  addTimes(out, now);
  addLevel(out);
  if (addId(out, found[traceIdAt]!, traceId)) addId(out, found[spanIdAt]!, spanId);
  addHead(out, start);
}

/** Goes back to write what is in front of the body, and closes the gap that is left. */
function addHead(out: ProtobufWriter, start: number): void {
  const end = out.at;
  const length = body.to - body.from;
  const inBody = 1 + varintSize(length) + length;
  out.at = start;
  out.byte(tag.record);
  out.varint(1 + varintSize(inBody) + inBody + end - body.to);
  out.byte(tag.body);
  out.varint(inBody);
  out.byte(tag.text);
  out.varint(length);
  out.again(body.from, end);
}

/** A text without an escape is copied from the body, and a plain number is read from it; whatever else is found is read as JSON. */
function addAttributes(out: ProtobufWriter): void {
  const { bytes } = out;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    const range = found[index]!;
    const { from, to } = range;
    if (to === 0) continue;
    if (isPlainText(bytes, range)) addWrittenText(out, key, { from: from + 1, to: to - 1 });
    else {
      const number = wholeNumberAt(bytes, range);
      addAttribute(out, key, number < 0 ? readValue(bytes.toString("utf8", from, to)) : number);
    }
  }
}

/** Loki refuses what is an hour older than what it has already, and a WebSocket may have begun long ago: a line is as old as its end. */
function addTimes(out: ProtobufWriter, now: number): void {
  const ended = epochOf(out.bytes, found[beganAt]!) + millisecondsOf(out.bytes, found[durationAt]!);
  out.byte(tag.time);
  addNanoseconds(out, isTellable(ended) ? ended : now);
  out.byte(tag.observedTime);
  addNanoseconds(out, now);
}

/** Of a duration in nanoseconds; 0 where there is none. */
function millisecondsOf(bytes: Buffer, { from, to }: Readonly<FieldRange>): number {
  const digits = digitsAt(bytes, from, to);
  return (digits < 0 ? Number(bytes.toString("latin1", from, to)) || 0 : digits) / 1e6;
}

function addLevel(out: ProtobufWriter): void {
  const { from, to } = found[levelAt]!;
  const index = findLevel(out.bytes, from, to);
  if (index >= 0) out.raw(encodedSeverities[index]!);
}

function readValue(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
