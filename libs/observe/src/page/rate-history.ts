import type { RatesAnswer } from "../metrics/rates-of.ts";

/** How a route did lately. */
export interface RouteRate {
  readonly route: string;
  /** Each second, over the last few. */
  readonly requests: number;
  readonly refused: number;
  readonly failed: number;
  /** Milliseconds, over the last minute; undefined where nothing was timed. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  /** Requests a second between each two readings, the oldest first. */
  readonly course: readonly number[];
}

/** As long as quantiles look back, and as a course goes. */
const longMs = 60_000;
/** Short enough to follow, long enough to be calm. */
const shortMs = 5_000;

/** Keeps the readings of one process for a minute, and makes rates of their differences. */
export class RateHistory {
  #readings: RatesAnswer[] = [];

  add(reading: RatesAnswer): void {
    const last = this.#readings.at(-1);
    // Another process, or the same one started anew, counts from nothing.
    if (last && (last.instance !== reading.instance || last.at >= reading.at)) this.#readings = [];
    this.#readings.push(reading);
    while (this.#readings.length > 2 && this.#readings[1]!.at < reading.at - longMs) this.#readings.shift();
  }

  /** The busiest first; a route that has never been asked for is not there. */
  rates(): RouteRate[] {
    const last = this.#readings.at(-1);
    if (!last) return [];
    const first = this.#readings[0]!;
    const recent = this.#readings.findLast(({ at }) => at <= last.at - shortMs) ?? first;
    const seconds = Math.max(0.001, (last.at - recent.at) / 1000);
    return last.routes
      .map((sums) => {
        const before = routeIn(recent, sums.route);
        const begin = routeIn(first, sums.route);
        const timed = sums.counts.map((count, index) => count - (begin?.counts[index] ?? 0));
        const since = (name: "requests" | "refused" | "failed"): number =>
          (sums[name] - (before?.[name] ?? 0)) / seconds;
        return {
          route: sums.route,
          requests: last === recent ? 0 : since("requests"),
          refused: last === recent ? 0 : since("refused"),
          failed: last === recent ? 0 : since("failed"),
          p50: last === first ? undefined : quantile(0.5, timed, last.bounds),
          p95: last === first ? undefined : quantile(0.95, timed, last.bounds),
          course: this.#courseOf(sums.route),
        };
      })
      .toSorted((one, other) => other.requests - one.requests || one.route.localeCompare(other.route));
  }

  #courseOf(route: string): number[] {
    return this.#readings.slice(1).map((reading, index) => {
      const before = this.#readings[index]!;
      const more = (routeIn(reading, route)?.requests ?? 0) - (routeIn(before, route)?.requests ?? 0);
      return (more * 1000) / (reading.at - before.at);
    });
  }
}

const routeIn = ({ routes }: RatesAnswer, route: string) => routes.find((one) => one.route === route);

/** Within the bucket in which it lies, as if all of it were filled evenly; in milliseconds. */
export function quantile(share: number, counts: readonly number[], bounds: readonly number[]): number | undefined {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all <= 0) return undefined;
  let left = all * share;
  for (const [index, count] of counts.entries()) {
    if (left > count) {
      left -= count;
      continue;
    }
    const from = bounds[index - 1] ?? 0;
    // Beyond the last bound nothing is known but that it was longer.
    const to = bounds[index] ?? from;
    return (from + ((to - from) * left) / count) * 1000;
  }
  return (bounds.at(-1) ?? 0) * 1000;
}
