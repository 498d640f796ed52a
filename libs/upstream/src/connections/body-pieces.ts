import type { Readable } from "node:stream";

/**
 * A body piece by piece, for whoever waits before asking for the next; between two of them it is paused. Its reader may
 * stop without harm to it, whereas a pipe into a stream of HTTP/2 would destroy a client's upload together with that
 * stream, and so the answer that came before its end.
 */
export class BodyPieces implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #body: Readable;
  #piece: Uint8Array | undefined;
  #over: boolean;
  #error: Error | null;
  #wake: (() => void) | undefined;

  /** `broken` is called before anybody hears that the body has no end. */
  constructor(body: Readable, broken: () => void = () => {}) {
    this.#body = body;
    this.#over = body.destroyed;
    this.#error = body.errored ?? (body.destroyed && !body.readableEnded ? new Error("the body was broken off") : null);
    const end = (error?: Error): void => {
      if (this.#over) return;
      this.#over = true;
      // HTTP/2 ends the body of a request that was broken off.
      if (error || !body.readableEnded || ("aborted" in body && body.aborted === true)) {
        this.#error = error ?? new Error("the body was broken off");
        broken();
      }
      this.#wake?.();
    };
    body.on("error", end);
    body.once("end", () => end()).once("close", () => end());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#wake === undefined) this.#body.on("data", this.#take);
    if (!this.#over && !this.#error)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#body.resume();
      });
    const value = this.#piece;
    this.#piece = undefined;
    if (value) return { value, done: false };
    if (this.#error) throw this.#error;
    return { value: undefined, done: true };
  }

  readonly #take = (piece: Uint8Array): void => {
    this.#body.pause();
    this.#piece = piece;
    this.#wake?.();
  };
}
