interface FairLineOptions {
  /** How many may be inside at once. */
  readonly inside: number;
  /** How many may wait, in all and from one place. */
  readonly waiting: number;
  readonly each: number;
}

interface Waiting {
  readonly admit: () => void;
  readonly timer: NodeJS.Timeout;
}

/** Lets so many through at once, and those who wait in turn by where they come from: a crowd waits for itself. */
export class FairLine {
  readonly #options: FairLineOptions;
  /** Whose turn is next stands first. */
  readonly #lines = new Map<string, Waiting[]>();
  #waiting = 0;
  #inside = 0;

  constructor(options: FairLineOptions) {
    this.#options = options;
  }

  /** Resolves when the way is free; whoever came in must leave. Rejects when too many wait, or after `patience` milliseconds. */
  enter(from: string, patience: number): Promise<void> {
    const { inside, waiting, each } = this.#options;
    if (this.#inside < inside) {
      this.#inside++;
      return Promise.resolve();
    }
    const line = this.#lines.get(from) ?? [];
    if (this.#waiting >= waiting || line.length >= each) return Promise.reject(new Error("too many wait already"));
    this.#lines.set(from, line);
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        line.splice(line.indexOf(one), 1);
        this.#waiting--;
        if (line.length === 0) this.#lines.delete(from);
        reject(new Error(`it was not its turn within ${patience} ms`));
      };
      const one: Waiting = { admit: resolve, timer: setTimeout(giveUp, patience) };
      line.push(one);
    });
  }

  leave(): void {
    const [from, line] = this.#lines.entries().next().value ?? [];
    const next = line?.shift();
    if (from === undefined || !line || !next) {
      this.#inside--;
      return;
    }
    this.#waiting--;
    this.#lines.delete(from);
    // Its others wait until every other place had a turn.
    if (line.length > 0) this.#lines.set(from, line);
    clearTimeout(next.timer);
    next.admit();
  }
}
