import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { ExportResultCode, type ExportResult, type InstrumentationScope } from "@opentelemetry/core";
import { resourceFromAttributes, type Resource } from "@opentelemetry/resources";
import { takeRemark } from "./collector-remark.ts";

export interface CollectorOptions {
  /** An OTLP/HTTP endpoint; the signal's usual path is appended unless it ends in it already. */
  readonly url: string;
  readonly service: string;
  readonly version?: string;
  /** Tells the replicas of a service apart. */
  readonly instance: string;
  /** Milliseconds that the collector has for one batch, repeats included. */
  readonly timeout?: number;
}

/** Who made the things: told once for all of a batch. */
export interface Origin {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
}

/** What the exporter of any signal is told. */
export interface ExporterSettings {
  readonly url: string;
  readonly timeoutMillis: number;
  readonly httpAgentOptions: () => HttpAgent;
}

/** One kind of things that OTLP carries. */
interface Signal<Item> {
  readonly path: string;
  readonly exporter: (
    settings: ExporterSettings,
    origin: Origin,
  ) => { export(items: readonly Item[], done: (result: ExportResult) => void): void };
}

/** How many of a batch were not taken, and why. */
export interface Loss {
  readonly lost: number;
  readonly reason: string;
}

/** The far end: takes a batch, or says why it did not. */
export interface Collector<Item> {
  /** Without user, password and query; for the log. */
  readonly shownUrl: string;
  /** Never rejects, and settles within the time given, whatever the other side does. */
  send(items: readonly Item[], within?: number): Promise<Loss | undefined>;
  close(): void;
}

/** Prepares the way to a collector; it makes no connection before there is something to send. */
export function createCollector<Item>(options: CollectorOptions, { path, exporter }: Signal<Item>): Collector<Item> {
  const { service, instance, version, timeout = 5000 } = options;
  const endpoint = new URL(options.url);
  const base = endpoint.pathname.replace(/\/+$/, "");
  endpoint.pathname = base.endsWith(path) ? base : base + path;
  const origin: Origin = {
    resource: resourceFromAttributes({
      "service.name": service,
      "service.instance.id": instance,
      ...(version && { "service.version": version }),
    }),
    scope: { name: "tandem", ...(version && { version }) },
  };
  const agent = new (endpoint.protocol === "https:" ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 });
  const otlp = exporter({ url: endpoint.href, timeoutMillis: timeout, httpAgentOptions: () => agent }, origin);

  return {
    shownUrl: endpoint.origin + endpoint.pathname,
    send: (items, within = timeout + 500) =>
      new Promise((resolve) => {
        const lose = (reason: string): void => resolve({ lost: items.length, reason });
        // The exporter limits silence; this limits the whole, for a collector that trickles its answer.
        const deadline = setTimeout(() => {
          lose(`no answer within ${Math.round(within)} ms`);
          agent.destroy();
        }, within).unref();
        const finished = ({ code, error }: ExportResult): void => {
          clearTimeout(deadline);
          if (code !== ExportResultCode.SUCCESS) return lose(reasonOf(error));
          const remark = takeRemark();
          if (remark) resolve({ lost: Math.min(remark.rejected, items.length), reason: remark.reason });
          else resolve(undefined);
        };
        try {
          otlp.export(items, finished);
        } catch (error) {
          // What cannot be encoded costs its batch, and not the process.
          finished({ code: ExportResultCode.FAILED, error: error instanceof Error ? error : new Error(String(error)) });
        }
      }),
    close: () => agent.destroy(),
  };
}

/** Node reports a host with several addresses as an error without a message. */
const reasonOf = (error: Error | undefined): string => {
  if (!error) return "refused without a reason";
  const code = "code" in error ? String(error.code) : "";
  if (!error.message) return code || error.name;
  return /^\d+$/.test(code) ? `${code} ${error.message}` : error.message;
};
