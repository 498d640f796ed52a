import type { Clock } from "@tandem/platform/clock";
import { StoreUnavailable, type Store } from "@tandem/platform/store/store";

interface UsesOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Milliseconds from one writing to the next. */
  readonly interval?: number;
}

const table = "api-keys:last-used";
/** Between two notes of one key. */
const spacing = 60_000;

/** When each key was last used, to the minute: noted on a request's way, written beside it. */
export class KeyUses {
  readonly #options: UsesOptions;
  readonly #timer: NodeJS.Timeout;
  /** Epoch milliseconds, by id. */
  readonly #noted = new Map<string, number>();
  #unwritten = new Map<string, string>();
  #failures = 0;

  constructor(options: UsesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), options.interval ?? 5000).unref();
  }

  /** How many times it could not be written. */
  get failures(): number {
    return this.#failures;
  }

  note(id: string): void {
    const now = this.#options.clock.now();
    if (now - (this.#noted.get(id) ?? -Infinity) < spacing) return;
    this.#noted.set(id, now);
    this.#unwritten.set(id, String(now));
  }

  /** Never throws; what could not be written waits for the next time. */
  async flush(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const writing = this.#unwritten;
    this.#unwritten = new Map();
    try {
      await this.#options.store.setFields(table, writing);
    } catch {
      this.#failures++;
      for (const [id, time] of writing) if (!this.#unwritten.has(id)) this.#unwritten.set(id, time);
    }
  }

  /** Epoch milliseconds, by id; what the store cannot tell is not known. */
  async all(): Promise<ReadonlyMap<string, number>> {
    try {
      const written = await this.#options.store.getFields(table);
      const times = new Map([...written].map(([id, time]) => [id, Number(time)]));
      for (const [id, time] of this.#noted) times.set(id, Math.max(time, times.get(id) ?? 0));
      return times;
    } catch (error) {
      if (error instanceof StoreUnavailable) return this.#noted;
      throw error;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
