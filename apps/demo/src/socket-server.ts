import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { Outcome } from "./server-span.ts";
import type { SocketTable } from "./service.ts";

interface Handshake {
  readonly path: string;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface SocketServerOptions {
  readonly instance: string;
  /** Told of each WebSocket that a service takes; gives what is to be told of its end. */
  readonly follow: (request: IncomingMessage, path: string) => (outcome: Outcome) => void;
  readonly heartbeatMs?: number | undefined;
}

/** The WebSocket side of one instance. */
export interface SocketServer {
  /** Lets the service have a WebSocket at one of its paths, and refuses any other. */
  accept(handshake: Handshake): void;
  /** Takes no more, and says goodbye to every client. */
  close(): void;
  /** Ends what is still open, goodbye or not. */
  breakOff(): void;
}

const largestMessage = 1024 * 1024;

/** Opens it for the sockets that a service names. */
export function createSocketServer(
  table: SocketTable,
  { instance, follow, heartbeatMs = 30_000 }: SocketServerOptions,
): SocketServer {
  const handlers = new Map(Object.entries(table));
  const connections = new Set<Duplex>();
  let closing = false;

  const server = new WebSocketServer({ noServer: true, maxPayload: largestMessage, perMessageDeflate: false });
  server.on("headers", (lines) => lines.push(`x-demo-instance: ${instance}`));
  server.on("wsClientError", (_, socket) => refuse(socket, "400 Bad Request"));

  const refuse = (socket: Duplex, status: string): void => {
    socket.once("finish", () => socket.destroy());
    socket.end(`HTTP/1.1 ${status}\r\nx-demo-instance: ${instance}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  };

  const silent = new WeakSet<WebSocket>();
  const heartbeat = setInterval(() => {
    for (const client of server.clients) {
      // Whoever is not read at the moment cannot be heard either.
      if (client.isPaused) continue;
      if (silent.has(client)) client.terminate();
      else {
        silent.add(client);
        client.ping();
      }
    }
  }, heartbeatMs).unref();

  return {
    accept({ path, request, socket, head }) {
      // The connection is the client's to break; ws listens for itself once it has taken over.
      socket.on("error", () => {});
      connections.add(socket);
      socket.once("close", () => connections.delete(socket));
      const handler = handlers.get(path);
      if (!handler) return refuse(socket, "404 Not Found");
      if (closing) return refuse(socket, "503 Service Unavailable");
      const end = follow(request, path);
      let status = 400;
      socket.once("close", () => end({ status, route: path, whole: true }));
      server.handleUpgrade(request, socket, head, (client) => {
        status = 101;
        // An error is followed by close, and there is nobody else to tell.
        client.on("error", () => {});
        client.on("pong", () => silent.delete(client));
        handler({ instance, request, client });
      });
    },
    close() {
      closing = true;
      clearInterval(heartbeat);
      for (const client of server.clients) client.close(1001, "the instance is going away");
    },
    breakOff() {
      for (const connection of connections) connection.destroy();
    },
  };
}
