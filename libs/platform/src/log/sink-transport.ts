import Transport from "winston-transport";
import type { LogSink } from "./sink.ts";

const message = Symbol.for("message");

/** Gives winston's records to a sink, and winston its callback at once: a transport that waits would stop all others. */
export class SinkTransport extends Transport {
  readonly #sink: LogSink;

  constructor(sink: LogSink) {
    super();
    this.#sink = sink;
  }

  override log(info: { readonly [message]?: unknown; readonly lines?: unknown }, next: () => void): void {
    const text = info[message];
    const lines = typeof info.lines === "number" ? info.lines : 1;
    if (typeof text === "string") this.#sink.push(text, lines);
    // A batch of lines has waited long enough before it came here.
    if (info.lines !== undefined) this.#sink.flush();
    next();
  }
}
