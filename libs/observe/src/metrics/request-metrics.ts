import type { Observer, RequestRecord } from "@tandem/kernel/record";
import type { SummedMetric } from "@tandem/platform/telemetry/summed-metrics";
import { isKnownMethod } from "../trace/span-names.ts";
import { createLabelTable, type Labels } from "./label-table.ts";

/** What the requests of a tier amount to: two map look-ups and some additions each, instead of an SDK instrument a figure. */
export interface RequestMetrics {
  /** Begun and not ended. */
  readonly inFlight: number;
  /** A request has begun, which `observe` will be told the end of. */
  begin(): void;
  readonly observe: Observer;
  /** For `createMeters`. */
  readonly summed: readonly SummedMetric[];
}

interface RequestMetricsOptions {
  readonly tier: string;
  /** Combinations of labels in each table; an honest configuration stays far below. */
  readonly most?: number;
}

interface Durations {
  count: number;
  sum: number;
  readonly counts: Float64Array;
}

/** Seconds: from what a cached answer takes to what nobody waits for. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Opens the counts of one tier. */
export function createRequestMetrics({ tier, most = 2000 }: RequestMetricsOptions): RequestMetrics {
  const durations = createLabelTable({ most, make: newDurations });
  const requests = createLabelTable({
    most,
    make: ([route, , status]) => ({ count: 0, durations: durations.cell(route, classOf(status), "") }),
  });
  const attempts = createLabelTable({ most, make: newCount });
  const problems = createLabelTable({ most, make: newCount });
  const shadows = createLabelTable({ most, make: newCount });
  let begun = 0;
  let ended = 0;

  const observe = (record: RequestRecord): void => {
    // What the parser refused was never begun.
    if (record.phases.length > 0) ended++;
    const { method, route = "", status, error } = record;
    const cell = requests.cell(route, isKnownMethod(method) ? method : "other", statusLabel(status));
    cell.count++;
    // How long a WebSocket stays open says nothing of how fast anybody is.
    if (status !== 101) add(cell.durations, record.duration / 1000);
    if (error !== undefined) problems.cell(error, "", "").count++;
    const watched = record.decision?.shadows;
    if (watched) for (const { policy, rule, effect } of watched) shadows.cell(policy, rule, effect).count++;
    for (const attempt of record.attempts) attempts.cell(attempt.target, attempt.outcome ?? "unfinished", "").count++;
  };

  const counted = (table: typeof attempts, names: readonly string[]) => () =>
    table.entries().map(({ labels, cell }) => ({ labels: labelled(names, { tier, labels }), value: cell.count }));

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
        kind: "counter",
        name: "tandem_requests",
        description: "Requests that have ended, by route, method and status",
        points: () =>
          requests.entries().map(({ labels, cell }) => ({
            labels: labelled(["route", "method", "status"], { tier, labels }),
            value: cell.count,
          })),
      },
      {
        kind: "histogram",
        name: "tandem_request_duration_seconds",
        description: "How long requests took from beginning to end, upgrades left out",
        bounds,
        points: () =>
          durations.entries().map(({ labels, cell }) => ({
            labels: labelled(["route", "class"], { tier, labels }),
            value: cell,
          })),
      },
      {
        kind: "counter",
        name: "tandem_attempts",
        description: "Attempts at instances, by service and outcome",
        points: counted(attempts, ["service", "outcome"]),
      },
      {
        kind: "counter",
        name: "tandem_problems",
        description: "Requests that ended in a problem, by its code",
        points: counted(problems, ["code"]),
      },
      {
        kind: "counter",
        name: "tandem_shadow_decisions",
        description: "Requests that a policy in shadow would have decided otherwise, by policy, rule and effect",
        points: counted(shadows, ["policy", "rule", "effect"]),
      },
    ],
  };
}

const newCount = (): { count: number } => ({ count: 0 });
const newDurations = (): Durations => ({ count: 0, sum: 0, counts: new Float64Array(bounds.length + 1) });

function add(durations: Durations, seconds: number): void {
  durations.count++;
  durations.sum += seconds;
  let index = 0;
  while (index < bounds.length && seconds > bounds[index]!) index++;
  durations.counts[index]!++;
}

/** Three digits, or nothing where the client left before there was an answer; an upstream may invent any other number. */
const statusLabels = Array.from({ length: 600 }, (_, status) => (status < 100 ? "other" : String(status)));
const statusLabel = (status: number): string => (status === 0 ? "none" : (statusLabels[status] ?? "other"));
const classOf = (status: string): string => (status.length === 3 ? `${status[0]}xx` : status);

function labelled(
  names: readonly string[],
  { tier, labels }: { tier: string; labels: Labels },
): Record<string, string> {
  const named: Record<string, string> = { tier };
  for (const [index, name] of names.entries()) {
    const value = labels[index];
    if (value) named[name] = value;
  }
  return named;
}
