/** What lines are written to; `process.stdout`, or a test's stand-in. */
export interface LineStream {
  write(text: string, done: (error?: Error | null) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

interface BatchOptions {
  readonly maxLines?: number;
  readonly delayMs?: number;
  /** Characters that may wait while nobody reads; more are dropped and counted. */
  readonly maxBuffered?: number;
  /** The line that owns up to dropped lines, once there is room again. */
  readonly report: (dropped: number) => string;
  /** Is told when lines begin to be lost, and `undefined` when all that waited has been written again. */
  readonly onChange?: (reason: string | undefined) => void;
}

interface Chunk {
  readonly text: string;
  readonly lines: number;
}

/**
 * Writes lines in batches, one write at a time. A reader that stalls costs lines, never memory and never the caller's
 * time: on a pipe `process.stdout` queues without limit, so the next batch waits here until the last one is gone.
 */
export class BatchWriter {
  readonly #stream: LineStream;
  readonly #options: Required<BatchOptions>;
  #chunks: Chunk[] = [];
  #lines = 0;
  #buffered = 0;
  #written = 0;
  #dropped = 0;
  #reported = 0;
  #timer: NodeJS.Timeout | undefined;
  #isWriting = false;
  /** The delay has passed while a write was under way. */
  #isDue = false;
  #isClosing = false;
  #isGone = false;
  #isFailing = false;
  #drained: (() => void) | undefined;

  constructor(
    stream: LineStream,
    { maxLines = 256, delayMs = 50, maxBuffered = 8_388_608, report, onChange = () => {} }: BatchOptions,
  ) {
    this.#stream = stream;
    this.#options = { maxLines, delayMs, maxBuffered, report, onChange };
    stream.on("error", this.#onError);
  }

  /** Lines that were lost: nobody read in time, or nobody reads any more. */
  get dropped(): number {
    return this.#dropped;
  }

  get written(): number {
    return this.#written;
  }

  /** Takes one or several lines, without the last line break. */
  push(text: string, lines = 1): void {
    if (this.#isGone || this.#buffered + text.length > this.#options.maxBuffered) {
      this.#dropped += lines;
      if (!this.#isClosing) this.#fail("it takes lines more slowly than they come");
      return;
    }
    this.#chunks.push({ text, lines });
    this.#lines += lines;
    this.#buffered += text.length;
    if (this.#lines >= this.#options.maxLines) this.flush();
    else this.#arm();
  }

  /** Writes what waits as soon as the last write is done. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isWriting) this.#isDue = true;
    else this.#writeNext();
  }

  /** Writes the rest, for at most so long; what comes later is dropped. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.flush();
    if (this.#isWriting) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drained = resolve;
      const timer = setTimeout(resolve, graceMs);
      await promise;
      clearTimeout(timer);
    }
    this.#abandon();
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#isWriting) return;
    this.#timer = setTimeout(() => this.flush(), this.#options.delayMs);
    this.#timer.unref();
  }

  #writeNext(): void {
    this.#isDue = false;
    const batch = this.#take();
    if (batch === undefined) return;
    this.#isWriting = true;
    this.#stream.write(`${batch.text}\n`, (error) => {
      this.#isWriting = false;
      if (error) {
        this.#dropped += batch.lines;
        // What the batch owned up to was lost with it.
        this.#reported -= batch.owned;
        this.#fail(reasonOf(error));
      } else {
        this.#written += batch.lines;
        if (this.#isFailing && !this.#isGone && this.#lines === 0) this.#recover();
      }
      if (this.#lines === 0) this.#drained?.();
      else if (this.#isDue || this.#isClosing || this.#lines >= this.#options.maxLines) this.#writeNext();
      else this.#arm();
    });
  }

  #take(): (Chunk & { readonly owned: number }) | undefined {
    if (this.#chunks.length === 0) return undefined;
    let count = 0;
    let lines = 0;
    while (count < this.#chunks.length && lines < this.#options.maxLines) {
      lines += this.#chunks[count]?.lines ?? 0;
      count += 1;
    }
    const taken = this.#chunks.slice(0, count).map(({ text }) => text);
    this.#chunks = this.#chunks.slice(count);
    this.#lines -= lines;
    for (const text of taken) this.#buffered -= text.length;
    const owned = this.#dropped - this.#reported;
    if (owned > 0) taken.unshift(this.#options.report(owned));
    this.#reported = this.#dropped;
    return { text: taken.join("\n"), lines, owned };
  }

  /** EPIPE and its like: the reader is gone, and a gateway goes on without. */
  readonly #onError = (error: Error): void => {
    this.#fail(reasonOf(error));
    this.#abandon();
  };

  #fail(reason: string): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#options.onChange(reason);
  }

  #recover(): void {
    this.#isFailing = false;
    this.#options.onChange(undefined);
  }

  #abandon(): void {
    clearTimeout(this.#timer);
    this.#isGone = true;
    this.#dropped += this.#lines;
    this.#lines = 0;
    this.#buffered = 0;
    this.#chunks = [];
    this.#drained?.();
  }
}

const reasonOf = (error: Error): string => ("code" in error ? String(error.code) : error.message);
