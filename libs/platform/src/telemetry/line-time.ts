import { hrTimeOf } from "./hr-time.ts";

/** The second that was read last: the lines of a batch are of one or two, and V8 takes its time for a date. */
let second = { text: "", epoch: 0 };

/** Epoch milliseconds of a time in quotes; not a number where it is none. */
export function epochOf(quoted: string): number {
  // `Date.parse` takes some bare numbers for years.
  if (!quoted.startsWith('"')) return Number.NaN;
  const millis = Number(quoted.slice(21, 24));
  if (quoted.length !== `"2000-01-01T00:00:00.000Z"`.length || Number.isNaN(millis))
    return Date.parse(quoted.slice(1, -1));
  const text = quoted.slice(1, 21);
  if (text !== second.text) second = { text, epoch: Date.parse(`${text}000Z`) };
  return second.epoch + millis;
}

/** Epoch milliseconds as nanoseconds, which is how OTLP tells time. */
export function nanoseconds(milliseconds: number): bigint {
  const [seconds, rest] = hrTimeOf(milliseconds);
  return BigInt(seconds) * 1_000_000_000n + BigInt(rest);
}
