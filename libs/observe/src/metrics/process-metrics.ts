import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Meter } from "@opentelemetry/api";

export interface ProcessFigures {
  readonly version: string;
  readonly tier: string;
  readonly inFlight: () => number;
  readonly spansDropped: () => number;
  readonly spansExported: () => number;
  readonly logLinesDropped: () => number;
}

interface Figure {
  readonly name: string;
  readonly description: string;
  readonly read: () => number;
}

/** Shows how this process fares; every figure is read at a scrape, none costs a request anything. Gives what ends it. */
export function watchProcess(meter: Meter, figures: ProcessFigures): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const { tier } = figures;
  const gauges: readonly Figure[] = [
    {
      name: "tandem_requests_in_flight",
      description: "Requests that have begun and not ended",
      read: figures.inFlight,
    },
    {
      name: "process_resident_memory_bytes",
      description: "Memory of the process that is in RAM",
      read: () => process.memoryUsage.rss(),
    },
    { name: "process_heap_bytes", description: "JavaScript heap in use", read: () => process.memoryUsage().heapUsed },
    {
      name: "process_start_time_seconds",
      description: "When the process started, in seconds since 1970",
      read: () => performance.timeOrigin / 1000,
    },
  ];
  const counters: readonly Figure[] = [
    { name: "tandem_spans_exported", description: "Spans that the collector has taken", read: figures.spansExported },
    {
      name: "tandem_spans_dropped",
      description: "Spans that were lost on the way to the collector",
      read: figures.spansDropped,
    },
    {
      name: "tandem_log_lines_dropped",
      description: "Log lines that nobody read in time",
      read: figures.logLinesDropped,
    },
    { name: "process_cpu_seconds", description: "Time spent on the processor, user and system", read: cpuSeconds },
  ];
  for (const { name, description, read } of gauges)
    meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(read(), { tier }));
  for (const { name, description, read } of counters)
    meter.createObservableCounter(name, { description }).addCallback((result) => result.observe(read(), { tier }));

  meter
    .createObservableGauge("nodejs_eventloop_lag_seconds", {
      description: "How late timers were since the last scrape: the median, the slowest hundredth, the latest",
    })
    .addCallback((result) => {
      const quantiles = [
        ["0.5", delay.percentile(50)],
        ["0.99", delay.percentile(99)],
        ["1", delay.max],
      ] as const;
      for (const [quantile, nanoseconds] of quantiles) result.observe(lagOf(nanoseconds), { tier, quantile });
      delay.reset();
    });
  meter
    .createObservableGauge("tandem_build_info", { description: "Always 1; what runs here is in the labels" })
    .addCallback((result) => result.observe(1, { tier, version: figures.version, node: process.versions.node }));
  return () => void delay.disable();
}

/** The histogram holds what lies between two ticks: the tick itself is no lag. Without a tick since the last scrape its maximum is 0. */
const lagOf = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - 0.02);

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
