import type { IncomingMessage, ServerResponse } from "node:http";
import type { Meter } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, type MetricProducer } from "@opentelemetry/sdk-metrics";

export interface MetersOptions {
  readonly service: string;
  readonly instance: string;
  readonly version?: string;
  /** Figures that were summed up elsewhere, because an SDK instrument would cost too much where they arise. */
  readonly producers?: readonly MetricProducer[];
}

/** The metrics of one process; nothing of it is global, so that two can live in one test. */
export interface Meters {
  readonly meter: Meter;
  /** Answers a scrape, in the text format of Prometheus. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  shutdown(): Promise<void>;
}

/** Opens the metrics of this process; no port is opened, the admin plane serves them. */
export function createMeters({ service, instance, version, producers = [] }: MetersOptions): Meters {
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    metricProducers: [...producers],
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
