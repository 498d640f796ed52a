import { getHeapStatistics } from "node:v8";
import type { SinkFigures } from "@tandem/platform/log/sink";
import type { Meters } from "@tandem/platform/telemetry/meters";
import type { SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import { openFileDescriptors, openFilesLimit, openSockets } from "./open-files.ts";

export interface ProcessFigures {
  readonly version: string;
  readonly tier: string;
  /** The name of the configuration in force. */
  readonly generation: string;
  readonly spansDropped: () => number;
  readonly spansExported: () => number;
  /** Where log lines go, and what became of them. */
  readonly logSinks: readonly SinkFigures[];
}

type Read = () => number | Promise<number>;
type Row = readonly [name: string, description: string, read: Read];

/** Shows how this process fares; every figure is read at a scrape, none costs a request anything. Gives what ends it. */
export function watchProcess(meters: Meters, figures: ProcessFigures): () => void {
  const { tier, version, generation } = figures;
  const one =
    (kind: "counter" | "gauge") =>
    ([name, description, read]: Row): SummedMetric => ({
      kind,
      name,
      description,
      points: async () => [{ labels: { tier }, value: await read() }],
    });
  const linesOf = (what: "written" | "dropped", description: string): SummedMetric => ({
    kind: "counter",
    name: `tandem_log_lines_${what}`,
    description,
    points: () => figures.logSinks.map((sink) => ({ labels: { tier, sink: sink.name }, value: sink[what] })),
  });
  const lost: readonly Row[] = [
    ["tandem_spans_exported", "Spans that the collector has taken", figures.spansExported],
    ["tandem_spans_dropped", "Spans that were lost on the way to the collector", figures.spansDropped],
  ];
  return meters.add([
    ...gauges.map(one("gauge")),
    ...[...counters, ...lost].map(one("counter")),
    linesOf("written", "Log lines that a sink has taken"),
    linesOf("dropped", "Log lines that a sink has lost: it was slow, full, gone or wrong"),
    {
      kind: "gauge",
      name: "tandem_build_info",
      description: "Always 1; what runs here is in the labels",
      points: () => [{ labels: { tier, version, node: process.versions.node }, value: 1 }],
    },
    {
      kind: "gauge",
      name: "tandem_config_info",
      description: "Always 1; the configuration in force is in the label",
      points: () => [{ labels: { tier, generation }, value: 1 }],
    },
  ]);
}

const gauges: readonly Row[] = [
  ["process_resident_memory_bytes", "Memory of the process that is in RAM", () => process.memoryUsage.rss()],
  ["process_heap_bytes", "JavaScript heap in use", () => getHeapStatistics().used_heap_size],
  ["process_heap_limit_bytes", "What the JavaScript heap may grow to", () => getHeapStatistics().heap_size_limit],
  [
    "process_external_memory_bytes",
    "Memory outside the heap that JavaScript keeps",
    () => getHeapStatistics().external_memory,
  ],
  [
    "process_start_time_seconds",
    "When the process started, in seconds since 1970",
    () => performance.timeOrigin / 1000,
  ],
  ["process_open_fds", "File descriptors that are open", openFileDescriptors],
  ["process_max_fds", "File descriptors that may be open at once", openFilesLimit],
  ["process_open_sockets", "TCP connections that are open, on either side of the gateway", openSockets],
];

const counters: readonly Row[] = [["process_cpu_seconds", "Time spent on the processor, user and system", cpuSeconds]];

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
