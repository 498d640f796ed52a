import { Readable } from "node:stream";

/**
 * A body of undeclared length that breaks off once it grows beyond a limit. It touches its source only when it is read,
 * passes chunks on as they come, and lets the source wait whenever its own reader does.
 */
export class BoundedBody extends Readable {
  readonly #source: Readable;
  readonly #tooLarge: () => Error;
  #left: number;
  #attached = false;

  constructor(source: Readable, limit: number, tooLarge: () => Error) {
    super();
    this.#source = source;
    this.#left = limit;
    this.#tooLarge = tooLarge;
  }

  override _read(): void {
    if (this.#attached) this.#source.resume();
    else this.#attach();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // The source stays open: an answer may still have to go out over its connection.
    if (this.#attached) this.#detach();
    callback(error);
  }

  readonly #take = (chunk: Buffer): void => {
    this.#left -= chunk.length;
    if (this.#left < 0) this.destroy(this.#tooLarge());
    else if (!this.push(chunk)) this.#source.pause();
  };

  readonly #finish = (): void => {
    this.#detach();
    this.push(null);
  };

  readonly #break = (error?: Error): void => {
    this.destroy(error ?? new Error("the body broke off before its end"));
  };

  #attach(): void {
    this.#attached = true;
    const source = this.#source;
    // A source that was destroyed earlier tells nobody any more.
    if (source.destroyed && !source.readableEnded) return this.#break(source.errored ?? undefined);
    source.on("end", this.#finish).on("error", this.#break).on("close", this.#break).on("data", this.#take);
  }

  #detach(): void {
    const source = this.#source;
    source.off("data", this.#take).off("end", this.#finish).off("close", this.#break);
    source.pause();
  }
}
