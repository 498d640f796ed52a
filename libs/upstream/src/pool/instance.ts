import type { Dispatcher } from "undici";

/** One instance of a service, with its connections; lives as long as discovery names it and until its last exchange has ended. */
export interface Instance {
  /** The name discovery gives it, unique within its pool. */
  readonly id: string;
  /** `scheme://address:port`, without a path. */
  readonly origin: string;
  /** Its share of the traffic, relative to its siblings. */
  readonly weight: number;
  readonly dispatcher: Dispatcher;
  /** Exchanges that have been given to it and have not ended; open upgrades count too. */
  inFlight: number;
}
