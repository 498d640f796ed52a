import type { RequestRecord } from "@tandem/kernel/record";
import { isOurFailure, isSlow } from "../outcome/outcome.ts";

/**
 * Whether a trace is worth its spans: it was sampled, it failed, or it was slow. The last two are known at the end only, and
 * each tier finds them out alone; a tier that answers with an error or late makes the tier in front of it do the same, so what
 * is missing from such a trace is what lies behind the trouble, never what leads to it.
 */
export function isWanted(record: RequestRecord, slow: number | undefined): boolean {
  return record.trace?.sampled === true || isOurFailure(record) || isSlow(record, slow);
}
