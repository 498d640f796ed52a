import type { Logger } from "../log/logger.ts";

type Listener = (message: string) => void;

/** Who listens to which channel in this process; a listener that throws harms nobody else. */
export class Listeners {
  readonly #logger: Logger;
  readonly #byChannel = new Map<string, Set<{ readonly listener: Listener }>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Gives what takes it away again, and tells then whether it was the last of its channel. */
  add(channel: string, listener: Listener): () => boolean {
    const entry = { listener };
    const entries = this.#byChannel.get(channel) ?? new Set();
    this.#byChannel.set(channel, entries.add(entry));
    return () => {
      const wasThere = entries.delete(entry);
      if (!wasThere || entries.size > 0) return false;
      if (this.#byChannel.get(channel) === entries) this.#byChannel.delete(channel);
      return true;
    };
  }

  deliver(channel: string, message: string): void {
    for (const { listener } of this.#byChannel.get(channel) ?? []) {
      try {
        listener(message);
      } catch (error) {
        this.#logger.error("a listener of the store failed", { channel, error });
      }
    }
  }

  clear(): void {
    this.#byChannel.clear();
  }
}
