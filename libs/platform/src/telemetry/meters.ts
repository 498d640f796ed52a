import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Meter } from "@opentelemetry/api";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { prometheusText } from "./prometheus-text.ts";
import type { SummedMetric } from "./summed-metrics.ts";

export interface MetersOptions {
  readonly service: string;
  readonly instance: string;
  readonly version?: string;
}

/** The metrics of one process; nothing of it is global, so that two can live in one test. */
export interface Meters {
  /** For what is few and read at a scrape. */
  readonly meter: Meter;
  /** Shows figures that were summed up by hand, until the function that it gives is called. */
  add(metrics: readonly SummedMetric[]): () => void;
  /** Answers a scrape, in the text format of Prometheus; requests are served while a long answer is written. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  shutdown(): Promise<void>;
}

/** Opens the metrics of this process; no port is opened, the admin plane serves them. */
export function createMeters({ service, instance, version }: MetersOptions): Meters {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  const provider = new MeterProvider({
    resource: resourceFromAttributes({
      "service.name": service,
      "service.instance.id": instance,
      ...(version && { "service.version": version }),
    }),
    readers: [reader],
  });
  let added: readonly (readonly SummedMetric[])[] = [];

  const answer = async (response: ServerResponse): Promise<void> => {
    response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
    const closed = new Promise((resolve) => response.once("close", resolve));
    const { resourceMetrics } = await reader.collect();
    response.write(`${serializer.serialize(resourceMetrics).trimEnd()}\n`);
    for await (const piece of prometheusText(added.flat())) {
      if (response.destroyed) return;
      if (!response.write(piece)) await Promise.race([once(response, "drain"), closed]);
      await nextTurn();
    }
    response.end();
  };

  return {
    meter: provider.getMeter("tandem", version),
    add(metrics) {
      added = [...added, metrics];
      return () => void (added = added.filter((one) => one !== metrics));
    },
    handle(_, response) {
      answer(response).catch(() => response.destroy());
    },
    shutdown: () => provider.shutdown(),
  };
}
