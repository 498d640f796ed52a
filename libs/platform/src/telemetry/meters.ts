import type { IncomingMessage, ServerResponse } from "node:http";
import type { Meter } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { producerOf, type SummedMetric } from "./summed-metrics.ts";

export interface MetersOptions {
  readonly service: string;
  readonly instance: string;
  readonly version?: string;
  /** Figures that were summed up by hand. */
  readonly summed?: readonly SummedMetric[];
}

/** The metrics of one process; nothing of it is global, so that two can live in one test. */
export interface Meters {
  readonly meter: Meter;
  /** Answers a scrape, in the text format of Prometheus. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  shutdown(): Promise<void>;
}

/** Opens the metrics of this process; no port is opened, the admin plane serves them. */
export function createMeters({ service, instance, version, summed = [] }: MetersOptions): Meters {
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    metricProducers: [producerOf(summed)],
  });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({
      "service.name": service,
      "service.instance.id": instance,
      ...(version && { "service.version": version }),
    }),
    readers: [exporter],
  });
  return {
    meter: provider.getMeter("tandem", version),
    handle: (request, response) => exporter.getMetricsRequestHandler(request, response),
    shutdown: () => provider.shutdown(),
  };
}
