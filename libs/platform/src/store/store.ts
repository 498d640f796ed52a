import type { Histogram } from "../telemetry/histogram.ts";

/** What several gateways share: for a while revocations, limits and opaque tokens; in tables what stays until it is taken out. */
export interface Store {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Sets it where nothing is set; tells whether it did. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>;
  /** Tells whether there was anything to delete. */
  delete(key: string): Promise<boolean>;
  /** Counts up by one; the first call starts the time to live, later ones leave it. */
  increment(key: string, ttlMs: number): Promise<Count>;
  /** One field of a table. */
  getField(table: string, field: string): Promise<string | undefined>;
  /** All of them. Tables are for what people make, by hundreds or thousands. */
  getFields(table: string): Promise<ReadonlyMap<string, string>>;
  /** All at once, whatever was there; other fields stay. */
  setFields(table: string, fields: ReadonlyMap<string, string>): Promise<void>;
  /** Puts `after` where `before` still stands, `undefined` being nothing; tells whether it did. */
  swapField(table: string, field: string, swap: Swap): Promise<boolean>;
  /** Adds to a log what is not in it yet, all at once; what is, stays where it is and ends with the later of both times. */
  append(log: string, entries: readonly LogEntry[]): Promise<void>;
  /** What was added after a cursor, and has not ended, in the order in which it was added; a part of it where that is much. */
  readLog(log: string, cursor?: string): Promise<LogPage>;
  /** At most once, to whoever listens now: a notice that is missed stays missed. */
  publish(channel: string, message: string): Promise<void>;
  /** Listens until the function it gives is called; goes on by itself after a broken connection. */
  subscribe(channel: string, listener: (message: string) => void): Promise<Unsubscribe>;
  /** Asks the store itself; never throws. */
  healthy(): Promise<boolean>;
  /** After it every call fails. */
  close(): Promise<void>;
}

/** What a field must be, and what it becomes; a field that becomes `undefined` is gone. */
export interface Swap {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** One line of a log; the same text is the same line. */
export interface LogEntry {
  readonly text: string;
  readonly ttlMs: number;
}

/** A part of a log. */
export interface LogPage {
  readonly entries: readonly string[];
  /** Where to go on reading. */
  readonly cursor: string;
  /** There was no cursor, or it was none of this log: the store may have forgotten what was read before, so this is the beginning. */
  readonly fromStart: boolean;
  /** There was too much for one page. */
  readonly more: boolean;
}

/** A store as whoever opened it has it. */
export interface OpenedStore extends Store {
  /** How it fares, where it is asked over the network. */
  readonly stats?: StoreStats;
}

/** Counts since the store was opened. */
export interface StoreStats {
  /** Its last answer has come, or none was asked for yet. */
  readonly isUp: boolean;
  readonly outcomes: Readonly<Record<StoreOutcome, number>>;
  /** Seconds, of commands that were sent. */
  readonly waits: Histogram;
}

/** What became of a command: answered, refused by an answer, failed without one, or not sent because the store was down. */
export type StoreOutcome = "answered" | "refused" | "failed" | "unsent";

/** How often, and how long until it starts again. */
export interface Count {
  readonly count: number;
  readonly ttlMs: number;
}

/** Ends a subscription; never throws. */
export type Unsubscribe = () => Promise<void>;

/** The only error of a store, whatever lies below: what to do without it is the caller's decision. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  readonly code = "STORE_UNAVAILABLE";
}

/** Refuses a time to live that Redis would refuse, in every store alike: it is a mistake of the caller. */
export function checkTtl(ttlMs: number): void {
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1) {
    throw new RangeError(`a time to live is a whole number of milliseconds, not ${ttlMs}`);
  }
}
