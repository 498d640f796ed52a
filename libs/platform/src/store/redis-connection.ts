import { type ClientContext, Redis, type Result } from "ioredis";
import { systemClock, type Clock } from "../clock.ts";
import type { Logger } from "../log/logger.ts";
import { DownLatch } from "./down-latch.ts";
import { logScripts } from "./redis-log.ts";
import { Histogram } from "../telemetry/histogram.ts";
import { type StoreOutcome, type StoreStats, StoreUnavailable } from "./store.ts";

declare module "ioredis" {
  // The parameters must be written exactly as ioredis writes them.
  interface RedisCommander<Context extends ClientContext = { type: "default" }> {
    tandemIncrement(key: string, ttlMs: number): Result<[count: number, ttlMs: number], Context>;
    tandemSwap(
      key: string,
      ...given: readonly [field: string, isBefore: number, before: string, isAfter: number, after: string]
    ): Result<number, Context>;
  }
}

/** How to reach Redis, and how long to believe in it. */
export interface RedisOptions {
  /** `redis://…` or `rediss://…`, with the password in it. */
  readonly url: string;
  readonly logger: Logger;
  /** PEM of the authorities that vouch for a `rediss://` server. */
  readonly ca?: string;
  readonly commandTimeoutMs?: number;
  /** Nobody asks for so long after a failure. */
  readonly downMs?: number;
  readonly clock?: Clock;
}

const connectTimeoutMs = 500;
/** A connection that owes an answer for so long is dead, however alive it looks. */
const silenceMs = 2000;
const askEveryMs = 10_000;
/** Seconds: a store nearby answers in less than one of a thousand, and after its time limit no more. */
const waitBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** Counts and starts the time to live in one step: between two, a crash would leave a count that never ends. */
const increment = `
local count = redis.call("INCR", KEYS[1])
local ttl = redis.call("PTTL", KEYS[1])
if ttl < 0 then
  redis.call("PEXPIRE", KEYS[1], ARGV[1])
  ttl = tonumber(ARGV[1])
end
return { count, ttl }`;

/** Compares and sets one field: two who change it at once must not undo each other. */
const swap = `
local found = redis.call("HGET", KEYS[1], ARGV[1])
if ARGV[2] == "1" then
  if found ~= ARGV[3] then return 0 end
elseif found then
  return 0
end
if ARGV[4] == "1" then
  redis.call("HSET", KEYS[1], ARGV[1], ARGV[5])
else
  redis.call("HDEL", KEYS[1], ARGV[1])
end
return 1`;

/** One connection that answers or fails soon, and mends itself. */
export class RedisConnection {
  readonly client: Redis;
  readonly #latch: DownLatch;
  readonly #logger: Logger;
  readonly #heartbeat: NodeJS.Timeout;
  #lastError: unknown;
  #made = 0;
  #isUp = true;
  readonly #outcomes: Record<StoreOutcome, number> = { answered: 0, refused: 0, failed: 0, unsent: 0 };
  readonly #waits = new Histogram(waitBounds);
  #isClosed = false;

  constructor({ url, logger, ca, commandTimeoutMs = 150, downMs = 500, clock = systemClock }: RedisOptions) {
    this.#logger = logger;
    this.#latch = new DownLatch({ downMs, clock });
    this.client = new Redis(url, {
      lazyConnect: true,
      connectTimeout: connectTimeoutMs,
      commandTimeout: commandTimeoutMs,
      socketTimeout: silenceMs,
      disconnectTimeout: 100,
      // A command that failed has failed: it must not be carried out later, behind the back of who gave it up.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), 1000),
      scripts: {
        tandemIncrement: { lua: increment, numberOfKeys: 1 },
        tandemSwap: { lua: swap, numberOfKeys: 1 },
        ...logScripts,
      },
      ...(ca !== undefined && { tls: { ca } }),
    });
    this.client.on("ready", () => this.#made++);
    this.client.on("error", (error) => {
      this.#lastError = error;
      this.#noteFailure();
    });
    // A connection that only listens would not notice that the other end has vanished.
    this.#heartbeat = setInterval(() => void this.client.ping().catch(() => {}), askEveryMs).unref();
  }

  /** How often it was made: behind each may be another server, or the same one with less in it. */
  get made(): number {
    return this.#made;
  }

  get stats(): StoreStats {
    return { isUp: this.#isUp, outcomes: this.#outcomes, waits: this.#waits };
  }

  /** Waits for the first connection, or not much longer than one takes; then it goes on trying by itself. */
  async open(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, connectTimeoutMs);
    this.client.connect().then(resolve, resolve);
    await promise;
    clearTimeout(timer);
  }

  /** Runs one command, unless it is known to be in vain; fails with StoreUnavailable alone. */
  async call<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new StoreUnavailable("the store is closed");
    if (!this.#latch.tryEnter()) {
      this.#outcomes.unsent++;
      throw new StoreUnavailable("the store is down", { cause: this.#lastError });
    }
    const start = performance.now();
    try {
      const answer = await command(this.client);
      this.#noteSuccess();
      this.#count("answered", start);
      return answer;
    } catch (error) {
      this.#count(isAnswer(error) ? "refused" : "failed", start);
      if (isAnswer(error)) {
        this.#noteSuccess();
        throw new StoreUnavailable("the store refuses the command", { cause: error });
      }
      this.#lastError = error;
      this.#noteFailure();
      throw new StoreUnavailable("the store does not answer", { cause: error });
    }
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    this.client.disconnect();
  }

  #count(outcome: StoreOutcome, start: number): void {
    this.#outcomes[outcome]++;
    this.#waits.add((performance.now() - start) / 1000);
  }

  #noteSuccess(): void {
    this.#isUp = true;
    if (this.#latch.succeeded()) this.#logger.info("the store answers again");
  }

  #noteFailure(): void {
    this.#isUp = false;
    if (this.#latch.failed() && !this.#isClosed) {
      this.#logger.warn("the store does not answer", { error: this.#lastError });
    }
  }
}

/** Redis answered, and said no: wrong type, no permission, out of memory. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}
