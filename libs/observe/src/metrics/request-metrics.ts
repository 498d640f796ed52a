import type { Observer, RequestRecord } from "@tandem/kernel/record";
import { Histogram } from "@tandem/platform/telemetry/histogram";
import type { SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import { isKnownMethod } from "../trace/span-names.ts";
import { countAttempts, createAttemptTables } from "./attempt-tables.ts";
import { durationBounds } from "./duration-bounds.ts";
import { countsOf, newCount, pointsOf, timesOf } from "./figures.ts";
import { createLabelTable } from "./label-table.ts";
import { ownTime } from "./own-time.ts";

/** What the requests of a tier amount to: map look-ups and additions, instead of an SDK instrument a figure. */
export interface RequestMetrics {
  /** Begun and not ended. */
  readonly inFlight: number;
  /** A request has begun, which `observe` will be told the end of. */
  begin(): void;
  readonly observe: Observer;
  /** For `meters.add`. */
  readonly summed: readonly SummedMetric[];
}

interface RequestMetricsOptions {
  readonly tier: string;
  /** Combinations of route, service and status that are told apart, a series each. */
  readonly most?: number;
  /** Combinations that are timed apart, seventeen series each. */
  readonly mostTimed?: number;
}

/** Seconds. A request that is known costs a tier a tenth of a millisecond; one that waits for a store some of them. */
const ownBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** Opens the counts of one tier. */
export function createRequestMetrics({
  tier,
  most = 20_000,
  mostTimed = 1_000,
}: RequestMetricsOptions): RequestMetrics {
  const durations = createLabelTable({ most: mostTimed, make: () => new Histogram(durationBounds) });
  const bytes = createLabelTable({ most: mostTimed, make: () => ({ in: 0, out: 0 }) });
  const requests = createLabelTable({
    most,
    // What a request adds to is found at one look.
    make: ([route, service, status]) => ({
      count: 0,
      durations: durations.cell(route, service, classOf(status)),
      bytes: bytes.cell(service, "", ""),
    }),
  });
  const methods = createLabelTable({ most: 300, make: newCount });
  const problems = createLabelTable({ most: mostTimed, make: newCount });
  const shadows = createLabelTable({ most: mostTimed, make: newCount });
  const attempts = createAttemptTables(mostTimed);
  const own = new Histogram(ownBounds);
  let begun = 0;
  let ended = 0;

  const observe = (record: RequestRecord): void => {
    // What the parser refused was never begun.
    if (record.phases.length > 0) ended++;
    const { method, route = "", service = "", status, error } = record;
    const label = statusLabel(status);
    const cell = requests.cell(route, service, label);
    cell.count++;
    cell.bytes.in += record.bytesIn;
    cell.bytes.out += record.bytesOut;
    methods.cell(isKnownMethod(method) ? method : "other", "", classOf(label)).count++;
    // How long a WebSocket stays open says nothing of how fast anybody is.
    if (status !== 101) cell.durations.add(record.duration / 1000);
    own.add(ownTime(record) / 1000);
    if (error !== undefined) problems.cell(service, "", error).count++;
    const watched = record.decision?.shadows;
    if (watched) for (const { policy, rule, effect } of watched) shadows.cell(policy, rule, effect).count++;
    countAttempts(record, attempts);
  };

  const byService = { tier, names: ["service"] };
  return {
    get inFlight() {
      return begun - ended;
    },
    begin() {
      begun++;
    },
    observe,
    summed: [
      {
        kind: "gauge",
        name: "tandem_requests_in_flight",
        description: "Requests that have begun and not ended",
        points: () => [{ labels: { tier }, value: begun - ended }],
      },
      {
        kind: "counter",
        name: "tandem_requests",
        description: "Requests that have ended, by route, service and status",
        points: () => pointsOf(requests, { tier, names: ["route", "service", "status"] }, ({ count }) => count),
      },
      countsOf({
        tier,
        name: "tandem_requests_by_method",
        description: "Requests that have ended, by method and class of status",
        names: ["method", "", "class"],
        table: methods,
      }),
      timesOf({
        tier,
        name: "tandem_request_duration_seconds",
        description: "How long requests took from beginning to end, upgrades left out",
        names: ["route", "service", "class"],
        table: durations,
      }),
      {
        kind: "histogram",
        name: "tandem_request_own_seconds",
        description: "What of the time to the first byte was this tier's own, and not that of those it asked",
        points: () => [{ labels: { tier }, value: own }],
      },
      {
        kind: "counter",
        name: "tandem_request_bytes",
        description: "Bytes of bodies that clients sent, by service",
        points: () => pointsOf(bytes, byService, (cell) => cell.in),
      },
      {
        kind: "counter",
        name: "tandem_response_bytes",
        description: "Bytes of bodies that clients were sent, by service",
        points: () => pointsOf(bytes, byService, (cell) => cell.out),
      },
      countsOf({
        tier,
        name: "tandem_problems",
        description: "Requests that ended in a problem, by service and the problem's code",
        names: ["service", "", "code"],
        table: problems,
      }),
      countsOf({
        tier,
        name: "tandem_shadow_decisions",
        description: "Requests that a policy in shadow would have decided otherwise, by policy, rule and effect",
        names: ["policy", "rule", "effect"],
        table: shadows,
      }),
      ...attempts.shown(tier),
    ],
  };
}

/** Three digits, or nothing where the client left before there was an answer; an upstream may invent any other number. */
const statusLabels = Array.from({ length: 600 }, (_, status) => (status < 100 ? "other" : String(status)));
const statusLabel = (status: number): string => (status === 0 ? "none" : (statusLabels[status] ?? "other"));

const classes = ["", "1xx", "2xx", "3xx", "4xx", "5xx"];
const classOf = (status: string): string =>
  status.length === 3 ? (classes[status.charCodeAt(0) - 48] ?? "other") : status;
