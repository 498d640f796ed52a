import {
  constants,
  monitorEventLoopDelay,
  performance,
  PerformanceObserver,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
} from "node:perf_hooks";
import { Histogram } from "@tandem/platform/telemetry/histogram";
import type { Meters } from "@tandem/platform/telemetry/meters";
import type { Point } from "@tandem/platform/telemetry/summed-metrics";

interface Lags {
  readonly median: number;
  readonly slowest: number;
  readonly latest: number;
}

/** Milliseconds between two ticks whose lateness is measured. */
const resolution = 20;
/** Milliseconds of one window: what is shown is of the last whole one and the one that runs, however many scrape. */
const windowMs = 15_000;
/** Seconds. */
const pauseBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];

/** Shows how late the event loop is, how busy, and what collecting garbage takes of it. Gives what ends it. */
export function watchEventLoop(meters: Meters, { tier }: { readonly tier: string }): () => void {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  const running = (): Lags => ({
    median: lagOf(delay.percentile(50)),
    slowest: lagOf(delay.percentile(99)),
    latest: lagOf(delay.max),
  });
  let whole: Lags = { median: 0, slowest: 0, latest: 0 };
  const turning = setInterval(() => {
    whole = running();
    delay.reset();
  }, windowMs).unref();
  const worse = (read: (lags: Lags) => number) => (): Point[] => [
    { labels: { tier }, value: Math.max(read(whole), read(running())) },
  ];

  const pauses = new Map(Object.values(collections).map((kind) => [kind, new Histogram(pauseBounds)]));
  const collecting = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) pauses.get(kindOf(entry))?.add(entry.duration / 1000);
  });
  collecting.observe({ entryTypes: ["gc"] });

  const since = "in the last quarter to half of a minute";
  const remove = meters.add([
    {
      kind: "gauge",
      name: "nodejs_eventloop_lag_p50_seconds",
      description: `How late timers were ${since}, the median`,
      points: worse(({ median }) => median),
    },
    {
      kind: "gauge",
      name: "nodejs_eventloop_lag_p99_seconds",
      description: `How late timers were ${since}, all but the latest hundredth`,
      points: worse(({ slowest }) => slowest),
    },
    {
      kind: "gauge",
      name: "nodejs_eventloop_lag_max_seconds",
      description: `How late the latest timer was ${since}`,
      points: worse(({ latest }) => latest),
    },
    {
      kind: "counter",
      name: "nodejs_eventloop_active_seconds",
      description: "Time in which the event loop had work to do; its rate is how busy it is",
      points: () => [{ labels: { tier }, value: performance.eventLoopUtilization().active / 1000 }],
    },
    {
      kind: "histogram",
      name: "nodejs_gc_duration_seconds",
      description: "How long collections of garbage took, by their kind",
      points: () => [...pauses].map(([kind, value]) => ({ labels: { tier, kind }, value })),
    },
  ]);
  return () => {
    remove();
    clearInterval(turning);
    delay.disable();
    collecting.disconnect();
  };
}

const collections: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weak",
  0: "other",
};

const kindOf = (entry: PerformanceEntry & { readonly detail?: NodeGCPerformanceDetail }): string =>
  collections[entry.detail?.kind ?? 0] ?? "other";

/** The histogram holds what lies between two ticks: the tick itself is no lag. Without a tick it is empty, and its maximum 0. */
const lagOf = (nanoseconds: number): number => Math.max(0, (nanoseconds / 1e6 - resolution) / 1000) || 0;
