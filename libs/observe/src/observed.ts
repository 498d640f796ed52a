import type { Observed } from "@tandem/kernel/gateway";
import type { Observer } from "@tandem/kernel/record";
import type { Stage } from "@tandem/kernel/stage";
import type { Logger } from "@tandem/platform/log/logger";
import type { Ids } from "@tandem/platform/random";
import type { SpanExporter } from "@tandem/platform/telemetry/span-exporter";
import type { AccessLog } from "./access-log/access-log.ts";
import type { RequestMetrics } from "./metrics/request-metrics.ts";
import { flagsOf } from "./outcome/response-flags.ts";
import { begin, type BeginOptions } from "./prelude/stage.ts";
import { freshTrace } from "./prelude/trace-ids.ts";
import type { TracesOptions } from "./trace/config.ts";
import { traceObserver } from "./trace/trace-observer.ts";
import type { TraceRing } from "./trace/trace-ring.ts";

export interface ObservedOptions {
  readonly from: BeginOptions["from"];
  readonly traceContext?: BeginOptions["traceContext"];
  readonly traces: Pick<TracesOptions, "sample" | "slow">;
  readonly ids: Ids;
  /** Is told when watching itself fails. */
  readonly logger: Pick<Logger, "error">;
  /** These four live as long as the process, through every generation. */
  readonly accessLog: Pick<AccessLog, "observe">;
  readonly metrics: RequestMetrics;
  readonly ring: TraceRing;
  readonly exporter?: Pick<SpanExporter, "export"> | undefined;
}

/** Everything that watches a tier: its first stage, and the observers that write log line, metrics and spans at the end. */
export function observed(options: ObservedOptions): Observed {
  const { from, traceContext, traces, ids, logger, accessLog, metrics, ring, exporter } = options;
  const first = begin({ from, traceContext, sample: traces.sample, ids });
  const observers: readonly Observer[] = [
    flag(traces.slow),
    metrics.observe,
    accessLog.observe,
    traceObserver({ ids, slow: traces.slow, exporter, ring }),
  ];
  return {
    identify: identify(ids, traces.sample),
    prelude: [counting(first, metrics)],
    observers: observers.map((observe) => guarded(observe, logger)),
  };
}

const counting = (stage: Stage, metrics: RequestMetrics): Stage => ({
  name: stage.name,
  run(exchange) {
    metrics.begin();
    return stage.run(exchange);
  },
});

/** What the parser refused has passed no stage, and is to be found by its ids like anything else. */
const identify =
  (ids: Ids, sample: number): Observer =>
  (record) => {
    if (record.id === "") record.id = ids.requestId();
    record.trace ??= freshTrace(sample, ids);
  };

/** Everybody after this one reads the same words. */
const flag =
  (slow: number | undefined): Observer =>
  (record) => {
    record.flags = flagsOf(record, slow);
  };

/** Watching must never break what is watched. One line says that it did: the same fault would befall every request. */
function guarded(observe: Observer, logger: Pick<Logger, "error">): Observer {
  let reported = false;
  return (record) => {
    try {
      observe(record);
    } catch (error) {
      if (!reported) logger.error("an observer failed; its later failures are not reported", { error });
      reported = true;
    }
  };
}
