import type { RequestRecord } from "@tandem/kernel/record";

/** A client that left, an answer broken off, or one of 400 and above, whoever gave it. */
export const isFailure = ({ status, ending }: RequestRecord): boolean =>
  ending !== "answered" || status >= 400 || status === 0;

/** What is always written, however small the share of successes is: failures, refusals, and whatever was out of the ordinary. */
export const isRemarkable = (record: RequestRecord): boolean => record.flags.length > 0 || isFailure(record);
