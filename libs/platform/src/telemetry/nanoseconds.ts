import type { ProtobufWriter } from "./protobuf-writer.ts";

/** Whether 64 bits hold these epoch milliseconds as nanoseconds; 0 stands for a time that nobody knows. */
export const isTellable = (milliseconds: number): boolean => milliseconds > 0 && milliseconds < 1e13;

/** Writes epoch milliseconds as nanoseconds, which is how OTLP tells time; in two halves, as a number does not hold them exactly. */
export function addNanoseconds(out: ProtobufWriter, milliseconds: number): void {
  const seconds = Math.floor(milliseconds / 1000);
  // A double of epoch milliseconds is good to a quarter of a microsecond.
  const rest = Math.floor((milliseconds - seconds * 1000) * 1e6);
  // Nothing here reaches 2 to the 53rd, and bits are cheaper to take than the rest of a division.
  const upper = Math.floor(seconds / 0x1_0000) * 1e9;
  const lower = (upper & 0xffff) * 0x1_0000 + (seconds & 0xffff) * 1e9 + rest;
  out.fixed32(lower);
  out.fixed32(Math.floor(upper / 0x1_0000) + Math.floor(lower / 0x1_0000_0000));
}
