import { hostname } from "node:os";
import { createAccessLog, type AccessLog } from "@tandem/observe/access-log/access-log";
import { watchEventLoop } from "@tandem/observe/metrics/event-loop-metrics";
import { watchProcess } from "@tandem/observe/metrics/process-metrics";
import { createRequestMetrics, type RequestMetrics } from "@tandem/observe/metrics/request-metrics";
import { createRecentRequests, type RecentRequests } from "@tandem/observe/requests/recent-requests";
import { createTraceRing, type TraceRing } from "@tandem/observe/trace/trace-ring";
import type { LineStream } from "@tandem/platform/log/batch-writer";
import { createLogger, type ProcessLogger } from "@tandem/platform/log/winston-logger";
import { createIds, type Ids } from "@tandem/platform/random";
import { createMeters, type Meters } from "@tandem/platform/telemetry/meters";
import { createSpanExporter, type SpanExporter } from "@tandem/platform/telemetry/span-exporter";
import type { TandemConfig, Tier } from "./config.ts";
import { version } from "./version.ts";

/** What sees everything a process does; it outlives every generation. */
export interface Watching {
  readonly tier: Tier;
  /** As traces call it. */
  readonly service: string;
  /** Tells the replicas of a tier apart. */
  readonly instance: string;
  readonly ids: Ids;
  readonly logger: ProcessLogger;
  readonly accessLog: AccessLog;
  readonly recent: RecentRequests;
  readonly metrics: RequestMetrics;
  readonly meters: Meters;
  readonly ring: TraceRing;
  readonly exporter: SpanExporter | undefined;
  close(): Promise<void>;
}

interface WatchingOptions {
  /** The name of the configuration in force. */
  readonly generation: string;
  /** Where the log goes. Default: our own stdout. */
  readonly stdout?: LineStream;
}

/** Opens log, metrics and traces for one process of a tier. */
export function openWatching(
  tier: Tier,
  { log, traces }: TandemConfig,
  { generation, ...output }: WatchingOptions,
): Watching {
  const service = `${tier}-gateway`;
  const instance = `${hostname()}-${process.pid}`;
  const logger = createLogger({
    ...log,
    ...output,
    service,
    instance,
    version,
    fields: { "tandem.tier": tier, generation },
  });
  const metrics = createRequestMetrics({ tier });
  const meters = createMeters({ service, instance, version });
  const recent = createRecentRequests({ keep: traces.keep });
  const { successes } = log;
  const accessLog = createAccessLog({ origin: { tier, service, instance }, lines: logger, successes, recent });
  meters.add(metrics.summed);
  meters.add(accessLog.summed);
  const exporter =
    traces.otlp === undefined
      ? undefined
      : createSpanExporter({ url: traces.otlp, service, instance, version, logger: logger.child({ part: "traces" }) });
  const unwatchLoop = watchEventLoop(meters, { tier });
  watchProcess(meters, {
    tier,
    version,
    generation,
    spansDropped: () => exporter?.dropped ?? 0,
    spansExported: () => exporter?.exported ?? 0,
    logSinks: logger.sinks,
  });
  return {
    tier,
    service,
    instance,
    ids: createIds(),
    logger,
    accessLog,
    recent,
    metrics,
    meters,
    ring: createTraceRing({ keep: traces.keep }),
    exporter,
    async close() {
      unwatchLoop();
      await exporter?.shutdown();
      await meters.shutdown();
      await logger.close();
    },
  };
}
