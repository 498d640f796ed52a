import type { HrTime } from "@opentelemetry/api";

/** Seconds and nanoseconds; a double of epoch milliseconds is good to a quarter of a microsecond. */
export function hrTimeOf(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.floor((milliseconds - seconds * 1000) * 1e6)];
}
