import type { RetryPolicy, Trouble } from "./retry-policy.ts";

/** What is known of a try that failed. */
export interface TryFailure {
  readonly trouble: Trouble;
  /** The request had begun to be written. */
  readonly sent: boolean;
  /** A byte of an answer had arrived. */
  readonly answering: boolean;
  /** The connection had been opened for this request. */
  readonly fresh: boolean;
  /** The connection was closed or reset. */
  readonly broken: boolean;
}

/** The same, with what was tried. */
export interface FailedTry extends TryFailure {
  readonly method: string;
  /** It has a body that is not held, so that it can be sent only once. */
  readonly streamed: boolean;
  /** Tries so far, this one with them. */
  readonly tries: number;
}

/** Where a request may go once more: to an instance not tried yet, to any, or nowhere. */
export type Again = "elsewhere" | "anywhere" | "never";

/** Decides whether a request may be sent once more, nothing of an answer having been passed on. */
export function decideRetry(failed: FailedTry, policy: RetryPolicy): Again {
  const { trouble, sent, streamed } = failed;
  if (failed.tries >= policy.attempts) return "never";
  // Not a byte was written, so the body is untouched as well.
  if (!sent && trouble === "connect") return policy.on.has("connect") ? "elsewhere" : "never";
  if (streamed || !policy.methods.has(failed.method)) return "never";
  // A kept connection that the other side was just closing: it is not the instance that failed.
  const worn = sent && failed.broken && !failed.answering && !failed.fresh;
  if (worn && policy.on.has("connect")) return "anywhere";
  return policy.on.has(trouble) ? "elsewhere" : "never";
}
