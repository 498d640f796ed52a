import type { Labels, SummedMetric } from "@tandem/platform/telemetry/summed-metrics";

/** What `GET /rates` answers: sums since the start, from whose differences a page makes rates. */
export interface RatesAnswer {
  readonly service: string;
  readonly instance: string;
  /** When these were read, in milliseconds. */
  readonly at: number;
  readonly inFlight: number;
  /** Seconds; `counts` of a route has an entry for each and one for what lies beyond. */
  readonly bounds: readonly number[];
  readonly routes: readonly RouteSums[];
}

interface RouteSums {
  /** Empty where no route was found, or the tier knows none. */
  readonly route: string;
  readonly requests: number;
  /** Of them those that ended in 4xx, and in 5xx or in nothing. */
  readonly refused: number;
  readonly failed: number;
  readonly counts: readonly number[];
}

/** Adds up by route what the metrics of requests tell apart further. */
export async function ratesOf(metrics: readonly SummedMetric[]): Promise<Pick<RatesAnswer, "bounds" | "routes">> {
  const routes = new Map<string, { requests: number; refused: number; failed: number; counts: number[] }>();
  let bounds: readonly number[] = [];
  const at = ({ route = "" }: Labels) => {
    let sums = routes.get(route);
    if (!sums) routes.set(route, (sums = { requests: 0, refused: 0, failed: 0, counts: [] }));
    return sums;
  };
  for (const metric of metrics)
    if (metric.kind === "counter" && metric.name === "tandem_requests")
      for (const { labels, value } of await metric.points()) {
        const sums = at(labels);
        const { status = "" } = labels;
        sums.requests += value;
        if (status.startsWith("4")) sums.refused += value;
        else if (!/^[123]/.test(status)) sums.failed += value;
      }
    else if (metric.kind === "histogram" && metric.name === "tandem_request_duration_seconds")
      for (const { labels, value } of metric.points()) {
        const { counts } = at(labels);
        bounds = value.bounds;
        for (const [index, count] of value.counts.entries()) counts[index] = (counts[index] ?? 0) + count;
      }
  return { bounds, routes: [...routes].map(([route, sums]) => ({ route, ...sums })) };
}
