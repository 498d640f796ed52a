import type { FieldRange } from "./line-fields.ts";
import { digitsAt } from "./line-values.ts";

const quote = 34;
const quotedLength = `"2000-01-01T00:00:00.000Z"`.length;
/** The second that was read last: the lines of a batch are of one or two, and V8 takes its time for a date. */
const second = { text: new Uint8Array("2000-01-01T00:00:00.".length), epoch: Number.NaN };

/** Epoch milliseconds of a time in quotes; not a number where it is none. */
export function epochOf(bytes: Buffer, { from, to }: Readonly<FieldRange>): number {
  // `Date.parse` takes some bare numbers for years.
  if (to === 0 || bytes[from] !== quote) return Number.NaN;
  const text = from + 1;
  const rest = text + second.text.length;
  const millis = to - from === quotedLength ? digitsAt(bytes, rest, rest + 3) : -1;
  if (millis < 0) return Date.parse(bytes.toString("latin1", text, to - 1));
  if (!isSecond(bytes, text)) {
    second.epoch = Date.parse(`${bytes.toString("latin1", text, rest)}000Z`);
    second.text.set(bytes.subarray(text, rest));
  }
  return second.epoch + millis;
}

function isSecond(bytes: Uint8Array, at: number): boolean {
  // What differs from line to line is behind.
  for (let index = second.text.length - 1; index >= 0; index--)
    if (bytes[at + index] !== second.text[index]) return false;
  return true;
}
