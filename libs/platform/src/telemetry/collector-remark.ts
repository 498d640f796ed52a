import { diag, DiagLogLevel } from "@opentelemetry/api";

/** What a collector said of a batch although it answered 200. */
export interface Remark {
  /** How many it did not take; all, when its answer was not one of OTLP's. */
  readonly rejected: number;
  readonly reason: string;
}

const nothing = (): void => {};
const longestReason = 200;
let remark: Remark | undefined;

// The exporter tells of a partial success nowhere but in OpenTelemetry's own diagnostics, which are one for the process. It
// does so in the turn in which it reports that the batch is done, so that a remark always belongs to the next report.
diag.setLogger(
  { error: nothing, warn: (...words) => note(words.map(String)), info: nothing, debug: nothing, verbose: nothing },
  { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
);

function note(words: readonly string[]): void {
  if (words.some((word) => word.startsWith("Export succeeded but could not deserialize"))) {
    remark = { rejected: Number.POSITIVE_INFINITY, reason: "what answers does not speak OTLP" };
  } else if (words[0]?.startsWith("Received Partial Success")) {
    const told: unknown = JSON.parse(words[1] ?? "{}");
    if (typeof told !== "object" || told === null) return;
    const rejected = Object.entries(told).find(([name]) => name.startsWith("rejected"))?.[1];
    const message = "errorMessage" in told ? String(told.errorMessage) : "";
    remark = { rejected: Number(rejected) || 0, reason: `refused in part: ${message.slice(0, longestReason)}` };
  }
}

/** What was said of the batch that was just reported as done. */
export function takeRemark(): Remark | undefined {
  const taken = remark;
  remark = undefined;
  return taken;
}
