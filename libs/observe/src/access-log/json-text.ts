import { escapeControls } from "@tandem/platform/log/escape-controls";

/** Printable ASCII that needs no escape: what nearly every value is. */
const plain = /^[ !#-[\]-~]*$/;

/** A string of unknown origin as JSON, of bounded length, and harmless to whatever shows it. */
export function quote(text: string, longest = 256): string {
  const bounded = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return plain.test(bounded) ? `"${bounded}"` : escapeControls(JSON.stringify(bounded));
}

/** ".5" of 500: a small integer and an entry of this table are a third of the cost of printing a double. */
const thousandths = Array.from({ length: 1000 }, (_, count) =>
  count === 0 ? "" : `.${String(count).padStart(3, "0").replace(/0+$/, "")}`,
);

/** A number of milliseconds with at most three digits after the point. */
export function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  if (!(micros >= 0)) return "0";
  const whole = Math.floor(micros / 1000);
  return `${whole}${thousandths[micros - whole * 1000] ?? ""}`;
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
