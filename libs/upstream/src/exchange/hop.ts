import type { ProblemCode } from "@tandem/contracts/errors";
import type { Ids } from "@tandem/platform/random";
import type { StickySessions } from "../balance/sticky.ts";
import type { Nobody, Pool } from "../pool/pool.ts";
import { type UpgradeLimits, upgradesField } from "../upgrade/config.ts";
import type { ClientTls } from "../connections/client-tls.ts";
import { Deadlines } from "./deadlines.ts";
import type { ResilienceOptions } from "./resilience-fields.ts";
import { RetryBudget } from "./retry-budget.ts";
import { certainlyNotActedOn, policyOf, type RetryPolicy } from "./retry-policy.ts";

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
  readonly pool: Pick<Pool, "pick" | "spare" | "restsFor" | "avoid" | "foresee" | "view">;
  /** Where sessions stay with an instance: to be told before a request is sent, and before an answer is passed on. */
  readonly sessions?: Pick<StickySessions, "keepBack" | "answered"> | undefined;
  readonly codes: HopCodes;
  /** All in milliseconds. */
  readonly timeouts: {
    /** To open a connection; ordinary exchanges have theirs from the dispatcher, upgrades from here. */
    readonly connect: number;
    /** To the head of the answer, with the time in the queue and in the connect; an upload in progress does not count. */
    readonly firstByte: number;
    /** Between two pieces of the answer's body. */
    readonly idle: number;
    /** To the end of the answer of one try, and of all tries from the request's arrival on; infinite where nobody says. */
    readonly try: number;
    readonly total: number;
  };
  /** Looks after all of them but `connect`. */
  readonly deadlines: Deadlines;
  readonly retry: RetryPolicy;
  /** Milliseconds without a first byte until a read is sent to a second instance too; infinite where nobody says. */
  readonly hedgeAfter: number;
  /** What bounds retries and hedges of all requests together. */
  readonly budget: RetryBudget | undefined;
  /** Draws the pauses before retries. */
  readonly random: () => number;
  /** How long WebSockets stay open. */
  readonly upgrades: UpgradeLimits;
  readonly tls: ClientTls | undefined;
  readonly ids: Pick<Ids, "spanId">;
}

const upgradesByDefault = upgradesField.parse(undefined);

interface ConnectionTimes {
  readonly connectTimeout: number;
  readonly timeout: number;
  readonly idleTimeout: number;
  readonly upgrades?: UpgradeLimits;
}

interface HopParts extends Pick<Hop, "target" | "vouched" | "pool" | "sessions" | "codes" | "ids"> {
  /** As in the configuration. Without `retry`, only what was certainly not acted on is sent once more. */
  readonly options: ConnectionTimes & ResilienceOptions;
  readonly tls?: ClientTls | undefined;
  readonly random?: () => number;
}

/** A hop with a sweep of its own for the deadlines of its attempts, and a budget of its own. */
export function createHop(parts: HopParts): Hop {
  const { target, vouched = false, pool, sessions, codes, options, tls, ids, random = Math.random } = parts;
  const { retry, hedge, tryTimeout = Infinity, totalTimeout = Infinity, upgrades = upgradesByDefault } = options;
  const timeouts = {
    connect: options.connectTimeout,
    firstByte: options.timeout,
    idle: options.idleTimeout,
    try: tryTimeout,
    total: totalTimeout,
  };
  const hedgeAfter = hedge?.after ?? Infinity;
  const { firstByte, idle } = timeouts;
  return {
    target,
    vouched,
    pool,
    sessions,
    codes,
    timeouts,
    deadlines: new Deadlines(Math.min(firstByte, idle, tryTimeout, totalTimeout, hedgeAfter)),
    retry: retry ? policyOf(retry) : certainlyNotActedOn,
    hedgeAfter,
    budget: retry && (retry.attempts > 1 || hedge) ? new RetryBudget(retry.budget) : undefined,
    random,
    upgrades,
    tls,
    ids,
  };
}
