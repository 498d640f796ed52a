import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { CompactSpan } from "./compact-span.ts";
import { readableSpan, type SpanOrigin } from "./readable-span.ts";

export interface CollectorOptions {
  /** An OTLP/HTTP endpoint; without a path, the usual `/v1/traces` is meant. */
  readonly url: string;
  readonly service: string;
  readonly version?: string;
  /** Tells the replicas of a service apart. */
  readonly instance: string;
  /** Milliseconds that the collector has for one batch, repeats included. */
  readonly timeout?: number;
}

/** The far end: takes a batch, or says why it did not. */
export interface Collector {
  /** Without user, password and query; for the log. */
  readonly shownUrl: string;
  /** Never rejects, and settles within the time given, whatever the other side does. */
  send(spans: readonly CompactSpan[], within?: number): Promise<string | undefined>;
  close(): void;
}

/** Prepares the way to a collector; it makes no connection before there is something to send. */
export function createCollector(options: CollectorOptions): Collector {
  const { service, instance, version, timeout = 5000 } = options;
  const endpoint = new URL(options.url);
  if (endpoint.pathname === "/") endpoint.pathname = "/v1/traces";
  const origin: SpanOrigin = {
    resource: resourceFromAttributes({
      "service.name": service,
      "service.instance.id": instance,
      ...(version && { "service.version": version }),
    }),
    scope: { name: "tandem", ...(version && { version }) },
  };
  const agent = new (endpoint.protocol === "https:" ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 });
  const otlp = new OTLPTraceExporter({ url: endpoint.href, timeoutMillis: timeout, httpAgentOptions: () => agent });

  return {
    shownUrl: endpoint.origin + endpoint.pathname,
    send: (spans, within = timeout + 500) =>
      new Promise((resolve) => {
        // The exporter limits silence; this limits the whole, for a collector that trickles its answer.
        const deadline = setTimeout(() => {
          resolve(`no answer within ${Math.round(within)} ms`);
          agent.destroy();
        }, within).unref();
        const readable = spans.map((span) => readableSpan(span, origin));
        otlp.export(readable, ({ code, error }) => {
          clearTimeout(deadline);
          resolve(code === ExportResultCode.SUCCESS ? undefined : reasonOf(error));
        });
      }),
    close: () => agent.destroy(),
  };
}

/** Node reports a host with several addresses as an error without a message. */
const reasonOf = (error: Error | undefined): string => {
  if (!error) return "refused without a reason";
  return error.message || ("code" in error ? String(error.code) : error.name);
};
