import type { Logger } from "../log/logger.ts";
import { Listeners } from "./listeners.ts";
import { RedisConnection, type RedisOptions } from "./redis-connection.ts";
import { appendArguments, pageOf, readArguments } from "./redis-log.ts";
import {
  checkTtl,
  type Count,
  type LogEntry,
  type LogPage,
  type OpenedStore,
  type StoreStats,
  StoreUnavailable,
  type Swap,
  type Unsubscribe,
} from "./store.ts";

interface RedisStoreOptions extends RedisOptions {
  /** Before every key and channel: several gateways, or environments, may share a server. */
  readonly prefix?: string;
}

/** The store that all gateways share; opened also where Redis does not answer yet, for it may come back. */
export async function openRedisStore({ prefix = "tandem:", ...options }: RedisStoreOptions): Promise<OpenedStore> {
  const connection = new RedisConnection(options);
  warnOfEviction(connection, options.logger);
  await connection.open();
  return new RedisStore(connection, { prefix, options });
}

/** Tells whenever a connection is made to a server that would forget what still counts; where it does not say, nobody knows. */
function warnOfEviction({ client }: RedisConnection, logger: Logger): void {
  const look = async (): Promise<void> => {
    const policy = /^maxmemory_policy:(\S+)/m.exec(await client.info("memory"))?.[1] ?? "noeviction";
    if (policy !== "noeviction")
      logger.warn("a Redis that evicts forgets what was used once: set maxmemory-policy to noeviction", { policy });
  };
  client.on("ready", () => void look().catch(() => {}));
}

class RedisStore implements OpenedStore {
  readonly #connection: RedisConnection;
  readonly #prefix: string;
  readonly #options: RedisOptions;
  readonly #logger: Logger;
  readonly #listeners: Listeners;
  /** A connection that listens can do nothing else, so it is another one; opened by the first to listen. */
  #listening: Promise<RedisConnection> | undefined;
  #isClosed = false;

  constructor(connection: RedisConnection, { prefix, options }: { prefix: string; options: RedisOptions }) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#options = options;
    this.#logger = options.logger;
    this.#listeners = new Listeners(options.logger);
  }

  get stats(): StoreStats {
    return this.#connection.stats;
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#connection.call((client) => client.get(this.#prefix + key))) ?? undefined;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    checkTtl(ttlMs);
    await this.#connection.call((client) => client.set(this.#prefix + key, value, "PX", ttlMs));
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    checkTtl(ttlMs);
    const answer = await this.#connection.call((client) => client.set(this.#prefix + key, value, "PX", ttlMs, "NX"));
    return answer === "OK";
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#connection.call((client) => client.del(this.#prefix + key))) === 1;
  }

  async increment(key: string, ttlMs: number): Promise<Count> {
    checkTtl(ttlMs);
    const answer = await this.#connection.call((client) => client.tandemIncrement(this.#prefix + key, ttlMs));
    return { count: answer[0], ttlMs: answer[1] };
  }

  async getField(table: string, field: string): Promise<string | undefined> {
    return (await this.#connection.call((client) => client.hget(this.#tableKey(table), field))) ?? undefined;
  }

  async getFields(table: string): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(await this.#connection.call((client) => client.hgetall(this.#tableKey(table)))));
  }

  async setFields(table: string, fields: ReadonlyMap<string, string>): Promise<void> {
    if (fields.size === 0) return;
    await this.#connection.call((client) => client.hset(this.#tableKey(table), ...[...fields].flat()));
  }

  async swapField(table: string, field: string, { before, after }: Swap): Promise<boolean> {
    const [isBefore, isAfter] = [before === undefined ? 0 : 1, after === undefined ? 0 : 1];
    const given = [field, isBefore, before ?? "", isAfter, after ?? ""] as const;
    return (await this.#connection.call((client) => client.tandemSwap(this.#tableKey(table), ...given))) === 1;
  }

  async append(log: string, entries: readonly LogEntry[]): Promise<void> {
    for (const { ttlMs } of entries) checkTtl(ttlMs);
    if (entries.length === 0) return;
    await this.#connection.call((client) => client.tandemAppend(...appendArguments(this.#logKey(log), entries)));
  }

  async readLog(log: string, cursor?: string): Promise<LogPage> {
    return this.#connection.call(async (client) => {
      const { made } = this.#connection;
      return pageOf(await client.tandemReadLog(...readArguments(this.#logKey(log), cursor, made)), made);
    });
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.#connection.call((client) => client.publish(this.#prefix + channel, message));
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<Unsubscribe> {
    if (this.#isClosed) throw new StoreUnavailable("the store is closed");
    const name = this.#prefix + channel;
    const connection = await this.#listener();
    const remove = this.#listeners.add(name, listener);
    try {
      await connection.call((client) => client.subscribe(name));
    } catch (error) {
      remove();
      throw error;
    }
    return async () => {
      if (!remove()) return;
      // Where this fails, messages still come for a while, and nobody hears them.
      await connection.call((client) => client.unsubscribe(name)).catch(() => {});
    };
  }

  async healthy(): Promise<boolean> {
    return this.#connection
      .call((client) => client.ping())
      .then(
        () => true,
        () => false,
      );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#connection.close();
    this.#listeners.clear();
    (await this.#listening)?.close();
  }

  /** A table and a value may have one name. */
  #tableKey(table: string): string {
    return `${this.#prefix}table:${table}`;
  }

  #logKey(log: string): string {
    return `${this.#prefix}log:${log}`;
  }

  #listener(): Promise<RedisConnection> {
    this.#listening ??= this.#openListener();
    return this.#listening;
  }

  async #openListener(): Promise<RedisConnection> {
    const connection = new RedisConnection({ ...this.#options, logger: this.#logger.child({ part: "subscriber" }) });
    connection.client.on("message", (name: string, message: string) => this.#listeners.deliver(name, message));
    await connection.open();
    return connection;
  }
}
