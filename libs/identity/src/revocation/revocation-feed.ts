import type { Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { StoreUnavailable, type Store, type Unsubscribe } from "@tandem/platform/store/store";
import type { RevocationBook } from "./revocation-book.ts";
import { readEntry, writeEntry, type Entry } from "./revocation-entry.ts";
import type { Asked } from "./revocations.ts";

interface FeedOptions {
  readonly store: Store;
  readonly book: RevocationBook;
  /** Milliseconds. */
  readonly pollEvery: number;
  readonly maxEntries: number;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Told after each look, whether it succeeded or not. */
  readonly looked: () => void;
}

/** Nothing was taken back, not even here: there is no room. */
export class TooManyRevocations extends StoreUnavailable {}

/** Of the log, and of the channel on which its news are told. */
const name = "revocations";
/** Of the place that there is. The last tenth is for what other gateways accept at the same moment. */
const [forAll, forClients] = [0.9, 0.5];
const writtenAtOnce = 500;
const sweptPerLook = 1000;

/**
 * Keeps a book in step with the log that all gateways share. A message tells of news at once, and a look at the log, every few
 * hundred milliseconds, finds what no message told. Where the log has begun anew, it is given back what is known here.
 */
export class RevocationFeed {
  readonly #options: FeedOptions;
  /** Texts that the log lacks, as far as is known here. */
  readonly #unwritten = new Set<string>();
  #cursor: string | undefined;
  #lookedAt = -Infinity;
  #missed = false;
  #stopListening: Unsubscribe | undefined;
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Monotonic milliseconds up to which all is known; nothing is, while there is no room for all. */
  get knownUntil(): number {
    return this.#missed ? -Infinity : this.#lookedAt;
  }

  /** Whether the store ever told what there is. */
  get hasLooked(): boolean {
    return this.#lookedAt > -Infinity;
  }

  /** Looks once, with or without success, and from then on again and again. */
  async start(): Promise<void> {
    await this.#lookNow();
    this.#lookLater();
  }

  /** Takes it in here, and tells all others; rejects where that cannot be known. */
  async add(entry: Entry, { byClient = false }: Asked = {}): Promise<void> {
    const { store, book, maxEntries, clock } = this.#options;
    const text = writeEntry(entry);
    const ttlMs = entry.until - clock.now();
    if (ttlMs < 1) return;
    if (book.size >= maxEntries * (byClient ? forClients : forAll) || !book.add(entry))
      throw new TooManyRevocations("there are too many revocations");
    this.#unwritten.add(text);
    const told = store.publish(name, text).catch(() => {});
    await store.append(name, [{ text, ttlMs }]);
    this.#unwritten.delete(text);
    await told;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#look;
    await this.#stopListening?.();
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    const look = (): void => {
      this.#look = this.#lookNow().then(() => this.#lookLater());
    };
    this.#timer = setTimeout(look, this.#options.pollEvery).unref();
  }

  async #lookNow(): Promise<void> {
    const { book, clock, logger, looked } = this.#options;
    const begun = clock.monotonic();
    try {
      this.#retryMissed();
      await this.#readOn();
      this.#lookedAt = begun;
      await this.#writeBack();
      await this.#listen();
    } catch (error) {
      // Of a store that is down the store itself tells; a look that fails for another reason must not be the last one.
      if (!(error instanceof StoreUnavailable)) logger.error("revocations could not be read", { error });
    }
    book.sweep(sweptPerLook);
    looked();
  }

  async #readOn(): Promise<void> {
    const { store, book } = this.#options;
    for (;;) {
      const { entries, cursor, fromStart, more } = await store.readLog(name, this.#cursor);
      if (fromStart) for (const { text } of book.lines()) this.#unwritten.add(text);
      for (const text of entries) {
        this.#unwritten.delete(text);
        this.#take(text);
      }
      this.#cursor = cursor;
      if (!more) return;
    }
  }

  #take(text: string): void {
    const { book, logger } = this.#options;
    const entry = readEntry(text);
    if (!entry) {
      logger.warn("a revocation cannot be read here: is another gateway of a newer version?", { length: text.length });
      return;
    }
    if (book.add(entry) || this.#missed) return;
    this.#missed = true;
    logger.error("there are more revocations than fit in memory: security.revocation.maxEntries", { size: book.size });
  }

  /** What did not fit is read again, once there is room. */
  #retryMissed(): void {
    const { book, maxEntries } = this.#options;
    if (!this.#missed || book.size > maxEntries * forAll) return;
    this.#missed = false;
    this.#cursor = undefined;
  }

  async #writeBack(): Promise<void> {
    const { store, clock, logger } = this.#options;
    if (this.#unwritten.size === 0) return;
    const texts = [...this.#unwritten];
    for (let at = 0; at < texts.length; at += writtenAtOnce) {
      const batch = texts.slice(at, at + writtenAtOnce);
      const live = batch.flatMap((text) => {
        const ttlMs = (readEntry(text)?.until ?? 0) - clock.now();
        return ttlMs < 1 ? [] : [{ text, ttlMs }];
      });
      await store.append(name, live);
      for (const text of batch) this.#unwritten.delete(text);
    }
    logger.info("revocations that the store did not have were written to it", { count: texts.length });
  }

  async #listen(): Promise<void> {
    if (this.#isClosed) return;
    this.#stopListening ??= await this.#options.store.subscribe(name, (text) => this.#take(text));
  }
}
