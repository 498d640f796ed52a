const maxLines = 256;
const delayMs = 50;

/** Gathers lines, so that what takes them is called once for many: at most 256 of them, or every 50 ms. */
export class LineBatch {
  readonly #take: (text: string, lines: number) => void;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(take: (text: string, lines: number) => void) {
    this.#take = take;
  }

  add(line: string): void {
    const lines = this.#lines.push(line);
    if (lines >= maxLines) this.flush();
    else if (lines === 1) this.#timer = setTimeout(() => this.flush(), delayMs).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    this.#take(lines.join("\n"), lines.length);
  }
}
