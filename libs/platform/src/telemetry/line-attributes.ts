import { attributeTags } from "./attribute-tags.ts";
import type { FieldRange } from "./line-fields.ts";
import { lengthDelimited, type ProtobufWriter, varintSize } from "./protobuf-writer.ts";

const tag = { attribute: 0x32, ...attributeTags };

/** The name of an attribute, as `addAttribute` wants it. */
export const attributeKey = (name: string): Buffer => lengthDelimited(tag.key, Buffer.from(name));

/** Writes an attribute whose value is that text, which stands in the buffer already. */
export function addWrittenText(out: ProtobufWriter, key: Uint8Array, { from, to }: Readonly<FieldRange>): void {
  addTextHead(out, key, to - from);
  out.again(from, to);
}

/** Writes an attribute with a value that was JSON: lists joined by commas, nothing for objects, lists of them, and null. */
export function addAttribute(out: ProtobufWriter, key: Uint8Array, value: unknown): void {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
    addHead(out, key, 1 + varintSize(value));
    out.byte(tag.whole);
    out.varint(value);
  } else if (typeof value === "number") {
    addHead(out, key, 9);
    out.byte(tag.fraction);
    out.double(value);
  } else if (typeof value === "boolean") {
    addHead(out, key, 2);
    out.byte(tag.truth);
    out.byte(value ? 1 : 0);
  } else if (typeof value === "string" || isPlainList(value)) {
    const text = Buffer.from(String(value));
    addTextHead(out, key, text.length);
    out.raw(text);
  }
}

/** As a text, one with objects or lists in it may be longer than its JSON, deeper than the stack, or none at all. */
const isPlainList = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item !== "object");

function addTextHead(out: ProtobufWriter, key: Uint8Array, length: number): void {
  addHead(out, key, 1 + varintSize(length) + length);
  out.byte(tag.text);
  out.varint(length);
}

function addHead(out: ProtobufWriter, key: Uint8Array, length: number): void {
  out.byte(tag.attribute);
  out.varint(key.length + 1 + varintSize(length) + length);
  out.raw(key);
  out.byte(tag.value);
  out.varint(length);
}
