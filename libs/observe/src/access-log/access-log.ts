import type { Observer } from "@tandem/kernel/record";
import type { LineSink } from "@tandem/platform/log/logger";
import type { SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import type { LineOrigin } from "../line-origin.ts";
import { isRemarkable } from "../outcome/outcome.ts";
import { isSampled } from "../prelude/trace-ids.ts";
import type { RecentRequests } from "../requests/recent-requests.ts";
import { createAccessLine } from "./access-line.ts";

/** Writes one line for each request that is to have one, and counts the others; it lives as long as its process. */
export interface AccessLog {
  readonly observe: Observer;
  /** Requests that went well and were left out. */
  readonly sampledOut: number;
  /** For `createMeters`. */
  readonly summed: readonly SummedMetric[];
}

interface AccessLogOptions {
  readonly origin: LineOrigin;
  /** Takes serialised lines in batches, and drops rather than waits. */
  readonly lines: LineSink;
  /** The share of requests that went well to be written; whatever else happens always is. Default: all. */
  readonly successes?: number;
  /** Has the line of every request, also of those left out. */
  readonly recent?: Pick<RecentRequests, "add" | "keep">;
}

/** Opens the access log of a process. Who is left out is decided by the trace id, so that both tiers leave out the same. */
export function createAccessLog({ origin, lines, successes = 1, recent }: AccessLogOptions): AccessLog {
  const lineOf = createAccessLine(origin);
  const rate = successes < 1 ? `,"tandem.sample_rate":${successes}` : "";
  const remembers = recent !== undefined && recent.keep > 0;
  let sampledOut = 0;

  return {
    observe(record) {
      const sampled = successes < 1 && !isRemarkable(record);
      const isLeftOut = sampled && !isSampled(record.trace?.traceId ?? "", successes);
      if (isLeftOut) sampledOut++;
      if (isLeftOut && !remembers) return;
      const line = lineOf(record, sampled && !isLeftOut ? rate : "");
      if (remembers) recent.add(line);
      if (!isLeftOut) lines.line(line);
    },
    get sampledOut() {
      return sampledOut;
    },
    summed: [
      {
        kind: "counter",
        name: "tandem_log_requests_sampled_out",
        description: "Requests that went well and whose line was left out, as log.successes says",
        points: () => [{ labels: { tier: origin.tier }, value: sampledOut }],
      },
    ],
  };
}
