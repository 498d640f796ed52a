import { attributeTags } from "./attribute-tags.ts";
import type { CompactSpan, SpanValue } from "./compact-span.ts";
import type { ProtobufWriter } from "./protobuf-writer.ts";

const tag = { attribute: 0x4a, ...attributeTags };
/** What 64 bits hold of whole numbers. */
const mostWhole = 2 ** 63;

/** What tags, lengths and a number take at most. */
const mostRest = 64;

/** Writes the attributes of a span; what is no text, number or truth is left out. */
export function addAttributes(out: ProtobufWriter, attributes: CompactSpan["attributes"]): void {
  for (const name in attributes) {
    const value = attributes[name];
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      addAttribute(out, name, value);
  }
}

function addAttribute(out: ProtobufWriter, name: string, value: SpanValue): void {
  out.room(mostRest + 3 * name.length);
  out.byte(tag.attribute);
  const start = out.begin();
  out.text(tag.key, name);
  out.byte(tag.value);
  const valueAt = out.begin();
  addValue(out, value);
  out.end(valueAt);
  out.end(start);
}

function addValue(out: ProtobufWriter, value: SpanValue): void {
  if (typeof value === "string") out.text(tag.text, value);
  else if (typeof value === "boolean") {
    out.byte(tag.truth);
    out.byte(value ? 1 : 0);
  } else if (Number.isInteger(value) && value >= -mostWhole && value < mostWhole) {
    out.byte(tag.whole);
    out.int64(value);
  } else {
    out.byte(tag.fraction);
    out.double(value);
  }
}
