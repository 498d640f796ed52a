import type { CompactSpan } from "./compact-span.ts";
import { addNanoseconds, isTellable } from "./nanoseconds.ts";
import type { ProtobufWriter } from "./protobuf-writer.ts";
import { addAttributes } from "./span-attributes.ts";

/** Field numbers of opentelemetry-proto with their wire type. */
const tag = {
  record: 0x12,
  state: 0x1a,
  name: 0x2a,
  kind: 0x30,
  start: 0x39,
  end: 0x41,
  link: 0x6a,
  linkFlags: 0x35,
  status: 0x7a,
  statusMessage: 0x12,
  statusCode: 0x18,
  flags: 0x85,
  /** From the sixteenth field on, a tag takes two bytes. */
  flagsToo: 0x01,
};
/** A collector refuses the whole batch for an id of another length. A link has its two by the same numbers. */
const ids = {
  trace: { tag: 0x0a, digits: 32 },
  span: { tag: 0x12, digits: 16 },
  parent: { tag: 0x22, digits: 16 },
};
const kinds = { internal: 1, server: 2, client: 3 };
const failed = 2;
/** Above the flags of W3C: that it is known whose the parent is, or what is linked, and that it is another process's. */
const known = 0x100;
const remote = 0x200;

/** What ids, kind, times, flags and a link take at most. */
const mostRest = 256;
const mostFailure = 8;

/** Writes one span; an id of another form is left out, and so is a time before 1970 or beyond what 64 bits hold. */
export function addSpanRecord(out: ProtobufWriter, span: CompactSpan): void {
  const { parentSpanId, state, startedAt, link, failure } = span;
  out.room(mostRest);
  out.byte(tag.record);
  const start = out.begin();
  addId(out, ids.trace, span.traceId);
  addId(out, ids.span, span.spanId);
  if (parentSpanId) addId(out, ids.parent, parentSpanId);
  out.byte(tag.kind);
  out.byte(kinds[span.kind]);
  addTime(out, tag.start, startedAt);
  addTime(out, tag.end, startedAt + span.duration);
  out.byte(tag.flags);
  out.byte(tag.flagsToo);
  out.fixed32((span.flags & 0xff) | (parentSpanId && span.remoteParent ? known | remote : known));
  if (link) addLink(out, link);
  // Texts come last, because they make room for themselves alone.
  out.text(tag.name, span.name);
  if (state) out.text(tag.state, state);
  if (failure !== undefined) addFailure(out, failure);
  addAttributes(out, span.attributes);
  out.end(start);
}

function addLink(out: ProtobufWriter, link: NonNullable<CompactSpan["link"]>): void {
  out.byte(tag.link);
  const start = out.begin();
  addId(out, ids.trace, link.traceId);
  addId(out, ids.span, link.spanId);
  out.byte(tag.linkFlags);
  out.fixed32(known | remote);
  out.end(start);
}

function addFailure(out: ProtobufWriter, message: string): void {
  out.room(mostFailure);
  out.byte(tag.status);
  const start = out.begin();
  out.byte(tag.statusCode);
  out.byte(failed);
  if (message) out.text(tag.statusMessage, message);
  out.end(start);
}

/** The bytes that the digits stand for; nothing where they are no digits, or not as many as they should be. */
function addId(out: ProtobufWriter, { tag: ofId, digits }: (typeof ids)["trace"], id: string): void {
  if (id.length !== digits) return;
  const { bytes, at } = out;
  let to = at;
  bytes[to++] = ofId;
  bytes[to++] = digits / 2;
  let flaw = 0;
  for (let index = 0; index < digits; index += 2) {
    const byte = (digitOf(id.charCodeAt(index)) << 4) | digitOf(id.charCodeAt(index + 1));
    flaw |= byte;
    bytes[to++] = byte;
  }
  if (flaw >= 0) out.at = to;
}

/** Negative where the character is no hexadecimal digit. */
function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const small = code | 0x20;
  return small >= 97 && small <= 102 ? small - 87 : -1;
}

function addTime(out: ProtobufWriter, ofTime: number, milliseconds: number): void {
  if (!isTellable(milliseconds)) return;
  out.byte(ofTime);
  addNanoseconds(out, milliseconds);
}
