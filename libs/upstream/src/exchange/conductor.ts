import type { IncomingHttpHeaders } from "node:http";
import type { Attempt as AttemptNote, Expired } from "@tandem/contracts/upstream";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Instance } from "../pool/instance.ts";
import type { TryFailure } from "./decide-retry.ts";
import type { FailedOutcome } from "./failure.ts";
import type { Hop } from "./hop.ts";

/** One try of a request, as whoever makes them sees it. */
export interface Try {
  readonly instance: Instance;
  readonly note: AttemptNote;
  /** Another answer came first, or nobody waits for one. */
  abort(): void;
  /** Its answer is not wanted, but its connection may be good for the next request. */
  discard(): void;
}

/** How a try failed, for whoever decides what follows. */
export interface Failure extends TryFailure {
  readonly outcome: FailedOutcome;
  readonly error: Error;
  readonly expired: Expired | undefined;
}

/** Makes the tries of one request, and concludes from how each of them goes. */
export interface Conductor {
  readonly exchange: Exchange;
  readonly hop: Hop;
  /** When the whole must have ended, on the monotonic clock. */
  readonly limit: number;
  /** A head has come; false where it is not passed on, and the try was told so. */
  takes(one: Try, status: number, headers: IncomingHttpHeaders): boolean;
  failed(one: Try, failure: Failure): void;
  /** Nothing further would help. */
  fail(error: unknown): void;
  /** Nobody waits for an answer any more. */
  leave(): void;
}
