interface Way {
  count: number;
  readonly line: Waiting[];
}

interface Waiting {
  readonly goOn: () => void;
  readonly timer: NodeJS.Timeout;
}

interface UnderWayOptions {
  /** How many may wait under one key. */
  readonly waiting: number;
  /** Milliseconds for which one waits at most. */
  readonly patience: number;
}

/** Knows how many attempts are under way under each key, and lets others wait until one of them has ended. */
export class UnderWay {
  readonly #ways = new Map<string, Way>();
  readonly #options: UnderWayOptions;

  constructor(options: UnderWayOptions) {
    this.#options = options;
  }

  count(key: string): number {
    return this.#ways.get(key)?.count ?? 0;
  }

  begin(key: string): void {
    const way = this.#ways.get(key);
    if (way) way.count++;
    else this.#ways.set(key, { count: 1, line: [] });
  }

  /** Wakes the first in line, or `all` of them. */
  end(key: string, { all }: { readonly all: boolean }): void {
    const way = this.#ways.get(key);
    if (!way) return;
    for (const { goOn, timer } of way.line.splice(0, all ? way.line.length : 1)) {
      clearTimeout(timer);
      goOn();
    }
    way.count--;
    this.#forget(key, way);
  }

  /** Resolves when one of those under way has ended; rejects when too many wait, or for too long. */
  oneEnd(key: string): Promise<void> {
    const way = this.#ways.get(key);
    if (!way) return Promise.resolve();
    const { waiting, patience } = this.#options;
    if (way.line.length >= waiting) return Promise.reject(new Error("too many wait already"));
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        way.line.splice(way.line.indexOf(one), 1);
        this.#forget(key, way);
        reject(new Error(`none of them ended within ${patience} ms`));
      };
      const one: Waiting = { goOn: resolve, timer: setTimeout(giveUp, patience) };
      way.line.push(one);
    });
  }

  /** Not while anybody waits: the one who was woken has yet to begin, and its end is what the next one waits for. */
  #forget(key: string, way: Way): void {
    if (way.count === 0 && way.line.length === 0) this.#ways.delete(key);
  }
}
