import type { BackOff } from "./retry-policy.ts";

/** Milliseconds to wait before the try after so many: anything up to a bound that doubles, so that those who failed together do not come back together. */
export function pauseAfter(tries: number, { first, most }: BackOff, random: () => number): number {
  return random() * Math.min(most, first * 2 ** (tries - 1));
}

/** What a `Retry-After` asks for in milliseconds, as seconds or as a date (RFC 9110 §10.2.3); 0 where it says nothing that makes sense. */
export function retryAfterOf(value: string | readonly string[] | undefined, now: number): number {
  if (typeof value !== "string") return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
