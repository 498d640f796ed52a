import type { Attempt } from "@tandem/contracts/upstream";
import type { Dispatcher } from "undici";

/** One instance of a service, with its connections; lives as long as discovery names it and until its last exchange has ended. */
export interface Instance {
  /** The name discovery gives it, unique within its pool. */
  readonly id: string;
  /** `scheme://address:port`, without a path. */
  readonly origin: string;
  /** Its share of the traffic at this moment, relative to its siblings: what discovery says, and less while it warms up. */
  readonly weight: number;
  readonly dispatcher: Dispatcher;
  /** Exchanges that have been given to it and have not ended; open upgrades count too. */
  readonly inFlight: number;
  /** Milliseconds to the first byte of an answer as of late: quick to rise, slow to fall; 0 while it has not answered. */
  readonly latency: number;
  /** An exchange is given to it. */
  begin(): void;
  /** One of those given has ended; whatever follows from how it ended is the pool's to conclude. */
  end(attempt: Attempt): void;
}
