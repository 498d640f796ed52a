interface TurnstileOptions {
  /** How many may be inside at once. */
  readonly inside: number;
  /** How many may wait in line. */
  readonly waiting: number;
}

interface Waiting {
  readonly admit: () => void;
  readonly timer: NodeJS.Timeout;
}

/** Lets so many through at once; others wait in line, not more of them than so many, and not for ever. */
export class Turnstile {
  readonly #options: TurnstileOptions;
  readonly #line: Waiting[] = [];
  #inside = 0;

  constructor(options: TurnstileOptions) {
    this.#options = options;
  }

  /** Resolves when the way is free; whoever came in must leave. Rejects when the line is full, or after `patience` milliseconds. */
  enter(patience: number): Promise<void> {
    if (this.#inside < this.#options.inside) {
      this.#inside++;
      return Promise.resolve();
    }
    if (this.#line.length >= this.#options.waiting) return Promise.reject(new Error("too many wait already"));
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        reject(new Error(`it was not its turn within ${patience} ms`));
      };
      const waiting: Waiting = { admit: resolve, timer: setTimeout(giveUp, patience) };
      this.#line.push(waiting);
    });
  }

  leave(): void {
    const next = this.#line.shift();
    if (!next) {
      this.#inside--;
      return;
    }
    clearTimeout(next.timer);
    next.admit();
  }
}
