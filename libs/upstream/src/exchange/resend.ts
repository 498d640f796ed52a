/** What is known of an attempt that failed. */
export interface FailedAttempt {
  /** The request had begun to be written. */
  readonly sent: boolean;
  /** A byte of an answer had arrived. */
  readonly answering: boolean;
  /** The connection had been opened for this request. */
  readonly fresh: boolean;
  /** The connection was closed or reset; anything else that goes wrong later would go wrong again. */
  readonly reset: boolean;
  readonly method: string;
  readonly body: boolean;
  /** It was itself a second sending. */
  readonly second: boolean;
}

/** Where a request may go once more: to an instance not tried yet, to any, or nowhere. */
export type Resend = "elsewhere" | "anywhere" | "never";

/** RFC 9110 §9.2.2, without TRACE, which nobody forwards. */
const idempotent: ReadonlySet<string> = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "PUT"]);

/** Decides whether a request was certainly not acted on, so that it may be sent once more. */
export function decideResend(failed: FailedAttempt): Resend {
  if (failed.second) return "never";
  // Not a byte was written, so the body is untouched as well.
  if (!failed.sent) return "elsewhere";
  const worn = failed.reset && !failed.answering && !failed.fresh;
  return worn && !failed.body && idempotent.has(failed.method) ? "anywhere" : "never";
}
