import type { Socket } from "node:net";
import { buildConnector, Pool } from "undici";
import type { ClientTls } from "./client-tls.ts";

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
}

/** The connections to one origin. */
export class OriginPool extends Pool {
  /** True while requests start on a connection that has just been opened, so that no earlier exchange can have worn it out. */
  opening = false;
}

/** With this name every request asks for the same TLS identity; the connector below knows which. */
export const steadyName = "upstream";

/** Opens a pool of HTTP/1.1 connections to one origin, each carrying one exchange at a time. */
export function createDispatcher(origin: string, options: DispatcherOptions = {}): OriginPool {
  const { connections = 512, connectTimeout = 1000, keepAlive = 4000, maxHead = 32 * 1024, tls } = options;
  const connector = buildConnector({
    timeout: connectTimeout,
    allowH2: false,
    ...(tls && { secureContext: tls.context }),
    ...(tls?.name !== undefined && { servername: tls.name }),
  });
  const pool: OriginPool = new OriginPool(origin, {
    connections,
    pipelining: 1,
    allowH2: false,
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
          pool.opening = true;
          try {
            callback(...outcome);
          } finally {
            pool.opening = false;
          }
        },
      ),
  });
  return pool;
}

/** undici takes a reset for the regular end of an answer without length; half an answer would pass for a whole one. */
function takeResetsForFailures(socket: Socket): void {
  socket.prependListener("error", renameReset);
}

function renameReset(error: NodeJS.ErrnoException): void {
  if (error.code === "ECONNRESET") error.code = "UND_ERR_SOCKET";
}
