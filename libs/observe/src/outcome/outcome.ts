import type { RequestRecord } from "@tandem/kernel/record";

/** A client that left, an answer broken off, or one of 400 and above, whoever gave it. */
export const isFailure = ({ status, ending }: RequestRecord): boolean =>
  ending !== "answered" || status >= 400 || status === 0;

/** What somebody on our side is to look at: an answer of 5xx, but for the one that refuses a method, which anybody can bring about at will. */
export const isOurFailure = ({ status, error }: RequestRecord): boolean => status >= 500 && error !== "request.method";

/** What is always written, however small the share of successes is: failures, refusals, and whatever was out of the ordinary. */
export const isRemarkable = (record: RequestRecord): boolean => record.flags.length > 0 || isFailure(record);

/** Took as long as `traces.slow` says, or longer; a WebSocket is open for as long as its sides like. */
export const isSlow = ({ upgrade, duration }: RequestRecord, slow: number | undefined): boolean =>
  slow !== undefined && upgrade === undefined && duration >= slow;
