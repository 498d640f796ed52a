import type { FieldRange } from "./line-fields.ts";
import type { ProtobufWriter } from "./protobuf-writer.ts";

const quote = 34;
const backslash = 92;
const zero = 48;
/** So many of them are always a number that is exact. */
const mostDigits = 15;

/** Whether a value is a text that means what its bytes say, as it has no escape. */
export function isPlainText(bytes: Uint8Array, { from, to }: Readonly<FieldRange>): boolean {
  if (bytes[from] !== quote) return false;
  for (let at = from + 1; at < to; at++) if (bytes[at] === backslash) return false;
  return true;
}

/** A whole number as JSON has it in digits alone; -1 where it is anything else. */
export function wholeNumberAt(bytes: Uint8Array, { from, to }: Readonly<FieldRange>): number {
  return bytes[from] === zero && to > from + 1 ? -1 : digitsAt(bytes, from, to);
}

/** The number that some digits are; -1 where they are none, or too many. */
export function digitsAt(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from || to - from > mostDigits) return -1;
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - zero;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** Writes an id in quotes as the bytes that its digits stand for; says whether it was one, and writes nothing otherwise. */
export function addId(
  out: ProtobufWriter,
  { from, to }: Readonly<FieldRange>,
  id: { readonly tag: number; readonly size: number },
): boolean {
  if (to - from !== 2 * id.size + 2 || out.bytes[from] !== quote) return false;
  const { bytes } = out;
  const start = out.at + 2;
  let some = 0;
  for (let index = 0; index < id.size; index++) {
    const at = from + 1 + 2 * index;
    const byte = (digitOf[bytes[at]!]! << 4) | digitOf[bytes[at + 1]!]!;
    // Either digit is none.
    if (byte > 0xff) return false;
    some |= byte;
    bytes[start + index] = byte;
  }
  if (some === 0) return false;
  out.byte(id.tag);
  out.byte(id.size);
  out.at += id.size;
  return true;
}

/** What a byte stands for as a hexadecimal digit in lower case; more than two digits hold if it is none. */
const digitOf = Uint16Array.from({ length: 256 }, (_, byte) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(byte));
  return digit < 0 ? 0x100 : digit;
});
