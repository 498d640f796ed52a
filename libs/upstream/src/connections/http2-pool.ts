import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { Client, type Dispatcher, Pool } from "undici";
import { BodyPieces } from "./body-pieces.ts";
import { OriginPool } from "./origin-pool.ts";
import { SentOnce } from "./sent-once.ts";

/** Requests at a time on one connection, where the other side does not allow fewer. */
const streams = 100;

interface Http2Settings extends Pool.Options {
  readonly maxHeaderSize: number;
}

/** Opens a pool of HTTP/2 connections; `pulse` milliseconds lie between two pings. */
export function createHttp2Pool(origin: string, settings: Http2Settings, pulse: number): OriginPool {
  const shared = {
    ...settings,
    // Over HTTP/2 only so that what a retired connection has left to do does not hold up the next one.
    pipelining: streams,
    h2Options: { maxConcurrentStreams: streams, pingInterval: pulse },
  };
  const alone = {
    ...settings,
    h2Options: { maxConcurrentStreams: 1, pingInterval: pulse },
    factory: (url: URL, options: object) => new LoneClient(url, options, settings.maxHeaderSize),
  };
  return new Http2Pool(origin, shared, new Pool(origin, alone));
}

/**
 * Many requests share a connection; an upload whose length nobody knows has one to itself. To break a stream off, Node
 * ends its body first and resets it then, so that half an upload may pass for a whole one, where no length tells
 * otherwise. Only closing the connection does not, and that must be nobody else's.
 */
class Http2Pool extends OriginPool {
  readonly #lone: Pool;

  readonly #reins: { readonly maxHead: number };

  constructor(origin: string, settings: Http2Settings, lone: Pool) {
    super(origin, settings);
    this.#reins = { maxHead: settings.maxHeaderSize };
    this.#lone = lone;
    lone.on("connectionError", (...failed) => this.emit("connectionError", ...failed));
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { body, headers } = options;
    if (!(body instanceof Readable)) return super.dispatch(options, new SentOnce(handler, this.#reins));
    if (Array.isArray(headers) && headers.includes("content-length")) {
      return super.dispatch(withBody(options, new BodyPieces(body)), new SentOnce(handler, this.#reins));
    }
    return this.#lone.dispatch(options, handler);
  }

  // undici calls both once more with arguments of its own.
  override close(...given: []): Promise<void> {
    if (!this.#lone.closed && !this.#lone.destroyed) void this.#lone.close();
    return super.close(...given);
  }

  override destroy(...given: []): Promise<void> {
    if (!this.#lone.destroyed) void this.#lone.destroy();
    return super.destroy(...given);
  }
}

/** One connection with one upload at a time, which is closed where that is broken off. */
class LoneClient extends Client {
  readonly #maxHead: number;
  #socket: Socket | undefined;

  constructor(url: URL, options: Client.Options, maxHead: number) {
    const { connect } = options;
    if (typeof connect !== "function") throw new TypeError("a connector is needed");
    super(url, {
      ...options,
      connect: (to, callback) =>
        connect(to, (...outcome) => {
          this.#socket = outcome[1] ?? undefined;
          callback(...outcome);
        }),
    });
    this.#maxHead = maxHead;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { body } = options;
    if (!(body instanceof Readable)) return super.dispatch(options, handler);
    const maxHead = this.#maxHead;
    const breakOff = (): void => void this.#socket?.destroy();
    const pieces = new BodyPieces(body, breakOff);
    return super.dispatch(withBody(options, pieces), new SentOnce(handler, { maxHead, upload: { body, breakOff } }));
  }
}

/** undici takes anything iterable, and declares streams alone. */
function withBody(options: Dispatcher.DispatchOptions, body: BodyPieces): Dispatcher.DispatchOptions {
  Object.assign(options, { body });
  return options;
}
