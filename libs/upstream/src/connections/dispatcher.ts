import type { Socket } from "node:net";
import { buildConnector, type Pool } from "undici";
import type { ClientTls } from "./client-tls.ts";
import { createHttp2Pool } from "./http2-pool.ts";
import { OriginPool } from "./origin-pool.ts";
import { readBeforeBreaking } from "./read-before-breaking.ts";
import { demandWholeAnswers } from "./whole-answers.ts";

/** How the connections to one origin are made and kept. */
export interface DispatcherOptions {
  /** The most connections at a time; requests beyond it wait, and their first-byte timeout runs meanwhile. */
  readonly connections?: number;
  /** Milliseconds to open a connection, TLS included. */
  readonly connectTimeout?: number;
  /** Milliseconds an idle connection is kept when the other side announces no `keep-alive: timeout` of its own. */
  readonly keepAlive?: number;
  /** The longest head of an answer, in bytes. */
  readonly maxHead?: number;
  readonly tls?: ClientTls | undefined;
  /** Milliseconds between two pings of HTTP/2; a connection that is silent for twice as long is closed. */
  readonly pulse?: number;
  /** What must be spoken; `h2` over TLS alone. Default: `http1`. */
  readonly protocol?: Protocol;
}

/** What is spoken to an upstream. */
export type Protocol = "http1" | "h2";

/** With this name every request asks for the same TLS identity; the connector below knows which. */
export const steadyName = "upstream";

/** Opens a pool of connections to one origin: each carries one exchange at a time on HTTP/1.1, and many on HTTP/2. */
export function createDispatcher(origin: string, options: DispatcherOptions = {}): OriginPool {
  const { connections = 512, connectTimeout = 1000, keepAlive = 4000, maxHead = 32 * 1024, tls } = options;
  const { pulse = 5_000 } = options;
  const http2 = options.protocol === "h2";
  const connector = buildConnector({
    timeout: connectTimeout,
    allowH2: http2,
    preferH2: http2,
    ...(tls && { secureContext: tls.context }),
    ...(tls?.name !== undefined && { servername: tls.name }),
  });
  const settings = {
    connections,
    pipelining: 1,
    allowH2: http2,
    maxHeaderSize: maxHead,
    keepAliveTimeout: keepAlive,
    // A hint of the other side is undercut by this much: its timer started before ours.
    keepAliveTimeoutThreshold: 2000,
    // Attempts keep their own time: undici's does not run in its queue, and costs two timers a request.
    headersTimeout: 0,
    bodyTimeout: 0,
    // The name that undici hands in comes from a Host header, so from the client: it must choose neither SNI nor certificate.
    connect: ({ hostname, host, protocol, port, localAddress }, callback) =>
      connector(
        { hostname, protocol, port, ...(host !== undefined && { host }), ...(localAddress && { localAddress }) },
        (...outcome) => {
          const [, socket] = outcome;
          if (socket) takeResetsForFailures(socket);
          if (socket && !http2) readBeforeBreaking(socket);
          if (socket && http2) {
            if (!speaksHttp2(socket)) {
              socket.destroy();
              return callback(new Error("the instance does not speak HTTP/2"), null);
            }
            watchPulse(socket, pulse);
            demandWholeAnswers(socket);
          }
          pool.opening = true;
          try {
            callback(...outcome);
          } finally {
            pool.opening = false;
          }
        },
      ),
  } satisfies Pool.Options;
  const pool: OriginPool = http2 ? createHttp2Pool(origin, settings, pulse) : new OriginPool(origin, settings);
  return pool;
}

/** undici takes a reset for the regular end of an answer without length; half an answer would pass for a whole one. */
function takeResetsForFailures(socket: Socket): void {
  socket.prependListener("error", renameReset);
}

function renameReset(error: NodeJS.ErrnoException): void {
  if (error.code === "ECONNRESET") error.code = "UND_ERR_SOCKET";
}

/** Tells whether the other side agreed on HTTP/2 when TLS began. */
export const speaksHttp2 = (socket: Socket): boolean => "alpnProtocol" in socket && socket.alpnProtocol === "h2";

/** Ends a connection that does not answer pings: a stream that is given up does not end it, and every further one would wait in vain. */
function watchPulse(socket: Socket, pulse: number): void {
  let heard = -1;
  const watching = setInterval(() => {
    if (socket.bytesRead === heard) socket.destroy(new Error("no answer to a ping"));
    heard = socket.bytesRead;
  }, 2 * pulse).unref();
  socket.once("close", () => clearInterval(watching));
}
