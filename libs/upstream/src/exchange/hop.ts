import type { ProblemCode } from "@tandem/contracts/errors";
import type { Ids } from "@tandem/platform/random";
import type { Nobody, Pool } from "../pool/pool.ts";
import type { ClientTls } from "./client-tls.ts";
import { Deadlines } from "./deadlines.ts";

/** What the client is told when a hop fails; the same failures have other names toward the routing tier than toward a service. */
export interface HopCodes {
  /** By the reason why there is nobody to send to. */
  readonly nobody: Readonly<Record<Nobody, ProblemCode>>;
  readonly refused: ProblemCode;
  readonly timeout: ProblemCode;
  readonly failed: ProblemCode;
}

export const tierCodes: HopCodes = {
  nobody: {
    "no-instance": "tier.unavailable",
    "breaker-open": "tier.unavailable",
    overloaded: "tier.unavailable",
  },
  refused: "tier.refused",
  timeout: "tier.timeout",
  failed: "tier.failed",
};

export const upstreamCodes: HopCodes = {
  nobody: {
    "no-instance": "upstream.no-instance",
    "breaker-open": "upstream.breaker-open",
    overloaded: "upstream.overloaded",
  },
  refused: "upstream.refused",
  timeout: "upstream.timeout",
  failed: "upstream.failed",
};

/** Where a request goes next, fixed once per generation. */
export interface Hop {
  /** The service, or `routing-gateway`; the record calls the attempts so. */
  readonly target: string;
  /** It believes only what this tier vouches for, so that it may refuse this tier itself. */
  readonly vouched?: boolean;
  readonly pool: Pick<Pool, "pick" | "avoid">;
  readonly codes: HopCodes;
  /** All in milliseconds. */
  readonly timeouts: {
    /** To open a connection; ordinary exchanges have theirs from the dispatcher, upgrades from here. */
    readonly connect: number;
    /** To the head of the answer, with the time in the queue and in the connect; an upload in progress does not count. */
    readonly firstByte: number;
    /** Between two pieces of the answer's body. */
    readonly idle: number;
  };
  /** Looks after `firstByte` and `idle`. */
  readonly deadlines: Deadlines;
  readonly tls: ClientTls | undefined;
  readonly ids: Pick<Ids, "spanId">;
}

interface HopParts extends Pick<Hop, "target" | "vouched" | "pool" | "codes" | "ids"> {
  /** As in the configuration: to open a connection, to the first byte, between two pieces of the answer. */
  readonly options: { readonly connectTimeout: number; readonly timeout: number; readonly idleTimeout: number };
  readonly tls?: ClientTls | undefined;
}

/** A hop with a sweep of its own for the deadlines of its attempts. */
export function createHop({ target, vouched = false, pool, codes, options, tls, ids }: HopParts): Hop {
  const timeouts = { connect: options.connectTimeout, firstByte: options.timeout, idle: options.idleTimeout };
  return { target, vouched, pool, codes, timeouts, deadlines: new Deadlines(timeouts), tls, ids };
}
