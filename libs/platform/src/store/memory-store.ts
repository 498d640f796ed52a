import { systemClock, type Clock } from "../clock.ts";
import type { Logger } from "../log/logger.ts";
import { silentLogger } from "../log/silent-logger.ts";
import { Listeners } from "./listeners.ts";
import { MemoryLog } from "./memory-log.ts";
import { MemoryTables } from "./memory-tables.ts";
import {
  checkTtl,
  type Count,
  type LogEntry,
  type LogPage,
  type Store,
  StoreUnavailable,
  type Swap,
  type Unsubscribe,
} from "./store.ts";

interface MemoryOptions {
  /** A full store refuses new keys: to forget a live one might be to forget a revocation. */
  readonly maxEntries?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

interface Entry {
  readonly value: string;
  /** Monotonic. */
  readonly expiresAt: number;
}

/** Entries looked at on each write, so that expired ones go without a timer and without a long pause. */
const sweptPerWrite = 4;
const sweepEveryMs = 1000;

/** The store of a single process; forgets everything at its end. */
export class MemoryStore implements Store {
  readonly #maxEntries: number;
  readonly #clock: Clock;
  readonly #listeners: Listeners;
  readonly #entries = new Map<string, Entry>();
  readonly #tables: MemoryTables;
  readonly #logs = new Map<string, MemoryLog>();
  #sweep = this.#entries.entries();
  #nextSweepAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor({ maxEntries = 100_000, clock = systemClock, logger = silentLogger }: MemoryOptions = {}) {
    this.#maxEntries = maxEntries;
    this.#clock = clock;
    this.#tables = new MemoryTables(maxEntries);
    this.#listeners = new Listeners(logger);
  }

  async get(key: string): Promise<string | undefined> {
    this.#checkOpen();
    return this.#live(key)?.value;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#checkOpen();
    checkTtl(ttlMs);
    this.#write(key, { value, expiresAt: this.#clock.monotonic() + ttlMs });
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    this.#checkOpen();
    checkTtl(ttlMs);
    if (this.#live(key) !== undefined) return false;
    this.#write(key, { value, expiresAt: this.#clock.monotonic() + ttlMs });
    return true;
  }

  async delete(key: string): Promise<boolean> {
    this.#checkOpen();
    const wasLive = this.#live(key) !== undefined;
    this.#entries.delete(key);
    return wasLive;
  }

  async increment(key: string, ttlMs: number): Promise<Count> {
    this.#checkOpen();
    checkTtl(ttlMs);
    const now = this.#clock.monotonic();
    const { value, expiresAt } = this.#live(key) ?? { value: "0", expiresAt: now + ttlMs };
    if (!/^-?\d{1,15}$/.test(value)) throw new StoreUnavailable(`the value of "${key}" is no count`);
    const count = Number(value) + 1;
    this.#write(key, { value: String(count), expiresAt });
    return { count, ttlMs: Math.ceil(expiresAt - now) };
  }

  async getField(table: string, field: string): Promise<string | undefined> {
    this.#checkOpen();
    return this.#tables.get(table)?.get(field);
  }

  async getFields(table: string): Promise<ReadonlyMap<string, string>> {
    this.#checkOpen();
    return new Map(this.#tables.get(table));
  }

  async setFields(table: string, fields: ReadonlyMap<string, string>): Promise<void> {
    this.#checkOpen();
    this.#tables.set(table, fields);
  }

  async swapField(table: string, field: string, swap: Swap): Promise<boolean> {
    this.#checkOpen();
    return this.#tables.swap(table, field, swap);
  }

  async append(log: string, entries: readonly LogEntry[]): Promise<void> {
    this.#checkOpen();
    for (const { ttlMs } of entries) checkTtl(ttlMs);
    this.#log(log).append(entries);
  }

  async readLog(log: string, cursor?: string): Promise<LogPage> {
    this.#checkOpen();
    return this.#log(log).read(cursor);
  }

  async publish(channel: string, message: string): Promise<void> {
    this.#checkOpen();
    // As over a network: the publisher goes on before the listeners hear of it.
    setImmediate(() => this.#listeners.deliver(channel, message));
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<Unsubscribe> {
    this.#checkOpen();
    const remove = this.#listeners.add(channel, listener);
    return async () => void remove();
  }

  async healthy(): Promise<boolean> {
    return !this.#isClosed;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#entries.clear();
    this.#tables.clear();
    this.#logs.clear();
    this.#listeners.clear();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StoreUnavailable("the store is closed");
  }

  #log(name: string): MemoryLog {
    let log = this.#logs.get(name);
    if (!log) this.#logs.set(name, (log = new MemoryLog({ maxEntries: this.#maxEntries, clock: this.#clock })));
    return log;
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt > this.#clock.monotonic()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #write(key: string, entry: Entry): void {
    this.#sweepSome(sweptPerWrite);
    if (this.#entries.size >= this.#maxEntries && !this.#entries.has(key)) {
      this.#sweepAll();
      if (this.#entries.size >= this.#maxEntries) throw new StoreUnavailable("the store is full");
    }
    this.#entries.set(key, entry);
  }

  /** Looks at everything, but not at every knock on a full store. */
  #sweepAll(): void {
    const now = this.#clock.monotonic();
    if (now < this.#nextSweepAt) return;
    this.#nextSweepAt = now + sweepEveryMs;
    this.#sweep = this.#entries.entries();
    this.#sweepSome(this.#entries.size);
  }

  #sweepSome(count: number): void {
    const now = this.#clock.monotonic();
    for (let looked = 0; looked < count; looked += 1) {
      const next = this.#sweep.next();
      if (next.done === true) {
        this.#sweep = this.#entries.entries();
        return;
      }
      const [key, { expiresAt }] = next.value;
      if (expiresAt <= now) this.#entries.delete(key);
    }
  }
}
