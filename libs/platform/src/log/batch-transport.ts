import Transport from "winston-transport";
import type { BatchWriter } from "./batch-writer.ts";

const message = Symbol.for("message");

/** Gives winston's records to the writer, and winston its callback at once: a transport that waits would stop all others. */
export class BatchTransport extends Transport {
  readonly #writer: BatchWriter;

  constructor(writer: BatchWriter) {
    super();
    this.#writer = writer;
  }

  override log(info: { readonly [message]?: unknown; readonly lines?: unknown }, next: () => void): void {
    const text = info[message];
    const lines = typeof info.lines === "number" ? info.lines : 1;
    if (typeof text === "string") this.#writer.push(text, lines);
    // A batch of lines has waited long enough before it came here.
    if (info.lines !== undefined) this.#writer.flush();
    next();
  }
}
