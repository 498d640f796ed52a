import { escapeControls } from "@tandem/platform/log/escape-controls";

/** Printable ASCII that needs no escape: what nearly every value is. */
const plain = /^[ !#-[\]-~]*$/;

/** A string of unknown origin as JSON, of bounded length, and harmless to whatever shows it. */
export const quote = (text: string, longest = 256): string => `"${escaped(text, longest)}"`;

/** The same without its quotation marks. */
export function escaped(text: string, longest = 256): string {
  const bounded = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return plain.test(bounded) ? bounded : escapeControls(JSON.stringify(bounded)).slice(1, -1);
}

/** Most phases take less than ten milliseconds: printed once each, a double being dear to print. */
const short: (string | undefined)[] = Array.from({ length: 10_000 });
const long: (string | undefined)[] = Array.from({ length: 10_000 });
/** The point and what is behind it, for whatever takes longer; nothing where that is nothing. */
const thousandths = Array.from({ length: 1000 }, (_, micros) => String(micros / 1000).slice(1));

/** A number of milliseconds with at most three digits after the point. */
export function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  if (!(micros >= 0)) return "0";
  if (micros < short.length) return (short[micros] ??= String(micros / 1000));
  return `${Math.floor(micros / 1000)}${thousandths[micros % 1000]}`;
}

/** The same as whole nanoseconds, in steps of a thousand. */
export function nanoseconds(value: number): string {
  const micros = Math.round(value * 1000);
  if (!(micros > 0)) return "0";
  if (micros < long.length) return (long[micros] ??= `${micros}000`);
  return `${micros}000`;
}

/** Prints times as ISO 8601, and all but the last three digits of them once a second. */
export function createIsoTime(): (epoch: number) => string {
  let second = Number.NaN;
  let prefix = "";
  return (epoch) => {
    const now = Math.floor(epoch / 1000);
    if (now !== second) {
      second = now;
      prefix = new Date(now * 1000).toISOString().slice(0, 20);
    }
    const rest = Math.floor(epoch - now * 1000);
    return `${prefix}${rest < 10 ? "00" : rest < 100 ? "0" : ""}${rest}Z`;
  };
}
