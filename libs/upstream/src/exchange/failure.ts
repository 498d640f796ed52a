import type { AttemptOutcome, Expired } from "@tandem/contracts/upstream";
import { GatewayError } from "@tandem/contracts/errors";
import type { HopCodes } from "./hop.ts";

/** How an attempt failed, where it was not the client that left. */
export type FailedOutcome = Extract<AttemptOutcome, "refused" | "timeout" | "reset">;

const timeouts: ReadonlySet<string | undefined> = new Set([
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
]);
const mistakes: ReadonlySet<string | undefined> = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED"]);

/** Tells a request that could not be written from a hop that failed: trying elsewhere would change nothing. */
export const isOurMistake = (error: NodeJS.ErrnoException): boolean => mistakes.has(error.code);

const broken: ReadonlySet<string | undefined> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** Tells that the other side closed or reset the connection, as it may with an idle one at any time. */
export const isBrokenConnection = (error: NodeJS.ErrnoException): boolean => broken.has(error.code);

/** Tells that the head of an answer was longer than is read. */
export const isLongHead = (error: NodeJS.ErrnoException): boolean => error.code === "UND_ERR_HEADERS_OVERFLOW";

/** Reads an error of the transport; `sent` tells whether the request had begun to be written. */
export function outcomeOf(error: NodeJS.ErrnoException, sent: boolean): FailedOutcome {
  if (timeouts.has(error.code)) return "timeout";
  return sent ? "reset" : "refused";
}

/** What the client is told of a failed attempt; the error itself goes no further than the log. */
export function problemOf(outcome: FailedOutcome, codes: HopCodes, cause: unknown): GatewayError {
  return new GatewayError(outcome === "reset" ? codes.failed : codes[outcome], { cause });
}

/** Which time ran out, in a sentence for the client. */
const sentences: Readonly<Record<Expired, string>> = {
  connect: "No connection came about in time.",
  "first-byte": "No answer began in time.",
  idle: "The answer stopped for too long.",
  try: "No attempt was answered in time.",
  total: "The request as a whole took too long.",
};

/** What the client is told where a time ran out; the log has the cause, where there is one beyond the time itself. */
export function timeoutOf(expired: Expired, codes: HopCodes, cause: unknown): GatewayError {
  return new GatewayError(codes.timeout, { cause, detail: sentences[expired] });
}

export const tooLate = (expired: Expired): Error => new Error(`the time ran out: ${expired}`);
