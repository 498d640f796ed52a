import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { headersOf } from "./echo.ts";

/** Answers WebSockets: first with what the handshake looked like from here, then with each message as it came. */
export interface EchoSocket {
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Says goodbye to every client. */
  close(): void;
}

const largestMessage = 1024 * 1024;

/** Opens the WebSocket side of one echo instance. */
export function createEchoSocket(instance: string): EchoSocket {
  const server = new WebSocketServer({ noServer: true, maxPayload: largestMessage, perMessageDeflate: false });
  server.on("headers", (lines) => lines.push(`x-demo-instance: ${instance}`));
  server.on("connection", (client, request) => {
    // An error is followed by close, and there is nobody else to tell.
    client.on("error", () => {});
    client.send(JSON.stringify({ instance, url: request.url, headers: headersOf(request.rawHeaders) }));
    client.on("message", (data, binary) => {
      // Whoever does not read its echo is not read either.
      client.pause();
      client.send(data, { binary }, () => client.resume());
    });
  });
  return {
    accept: (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (client) => void server.emit("connection", client, request)),
    close() {
      for (const client of server.clients) client.close(1001, "the instance is going away");
    },
  };
}
