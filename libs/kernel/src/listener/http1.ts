import type { ConnectionEnd } from "@tandem/contracts/connection-ends";
import { GatewayError } from "@tandem/contracts/errors";
import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { headExcess } from "../head-excess.ts";
import { peerOf } from "../peer.ts";
import { protocolOf } from "../request-view.ts";
import { closeSoon, closeUnread, uploadPatience } from "./close-soon.ts";
import { connectionOf } from "./connection.ts";
import { continueOnRead } from "./continue.ts";
import { problemOf } from "./parser-problem.ts";
import { type Conversation, conversationOf, isAnswering, type Serving, sweepInterval } from "./serving.ts";

/** Makes the half of a listener that speaks HTTP/1.1. It never listens itself: it is handed connections. */
export function createHttp1({ limits, gateway, refuser, isClosing }: Serving): Server {
  /** Says `connection: close` on every answer whose head goes out while the listener closes. */
  class LastWordResponse extends ServerResponse {
    override writeHead(...head: [number]): this {
      if (isClosing()) this.shouldKeepAlive = false;
      // Whoever broke an upload off may have taken the socket from its request.
      const socket: Socket | null = this.shouldKeepAlive ? null : (this.socket ?? this.req.socket);
      if (socket) conversationOf(socket).over = true;
      return super.writeHead(...head);
    }

    /** Node calls this once the whole answer is written, and would go on to close the connection. */
    override detachSocket(socket: Socket): void {
      super.detachSocket(socket);
      const conversation = conversationOf(socket);
      conversation.bytesBefore = socket.bytesRead;
      if (conversation.over || !this.req.complete) connectionOf(socket)?.endsBy(lastBecause(conversation));
      if (!this.req.complete) endAfter(socket);
    }
  }

  const lastBecause = ({ requests }: Conversation): ConnectionEnd =>
    isClosing() ? "drain" : requests >= limits.requestsPerConnection ? "request-limit" : "last-answer";

  const server = createServer({
    ServerResponse: LastWordResponse,
    maxHeaderSize: limits.head,
    headersTimeout: limits.headTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAlive,
    connectionsCheckingInterval: sweepInterval(limits),
    // Node would answer without a request id and a log line; the hygiene stage refuses a request without Host.
    requireHostHeader: false,
    insecureHTTPParser: false,
    // Its answer would overtake the one that is under way. As an ordinary request it waits, and hygiene refuses it.
    shouldUpgradeCallback: ({ socket }) => !isAnswering(conversationOf(socket)),
  });
  server.timeout = limits.idleTimeout;
  // Beyond this number Node leaves headers out without a word, the Host among them perhaps; we count and refuse.
  server.maxHeadersCount = 0;

  /** What is wrong with a head that the parser has let through. */
  const defectOf = (request: IncomingMessage): GatewayError | undefined => {
    if (protocolOf(request) === "other") {
      // Whoever speaks another version may find another end of this request.
      peerOf(request.socket).distrusted = true;
      return new GatewayError("request.malformed", { detail: `HTTP/${request.httpVersion} is not spoken here` });
    }
    const excess = headExcess(request.rawHeaders, request.url ?? "", limits);
    return excess ? new GatewayError("request.head-too-large", { detail: excess }) : undefined;
  };

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const conversation = conversationOf(request.socket);
    // RFC 9112 §9.6: what comes after the last answer is not served, and goes away with the connection.
    if (conversation.over) return;
    if (++conversation.requests >= limits.requestsPerConnection || isClosing()) response.shouldKeepAlive = false;
    const defect = defectOf(request);
    if (defect) refuser.onResponse(request, response, defect);
    else conversation.latest = gateway().handle(request, response);
  };
  server.on("request", serve);
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    continueOnRead(request, response);
    serve(request, response);
  });
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    refuser.onResponse(request, response, defectOf(request) ?? new GatewayError("request.expectation"));
  });
  server.on("upgrade", (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    const socket = takeOver(request, duplex, limits.idleTimeout);
    const conversation = conversationOf(socket);
    conversation.upgraded = true;
    conversation.requests++;
    const defect = defectOf(request);
    if (defect) refuser.onSocket(socket, defect, request);
    else conversation.latest = gateway().upgrade(request, socket, head);
  });
  // Node has only just begun to listen, so that it comes last.
  server.on("connection", (socket: Socket) => {
    conversationOf(socket).node = { drain: socket.listeners("drain").at(-1), close: socket.listeners("close").at(-1) };
  });
  server.on("connect", (request: IncomingMessage, duplex: Duplex) => {
    const socket = takeOver(request, duplex, limits.idleTimeout);
    const conversation = conversationOf(socket);
    const { node, over } = conversation;
    const error = defectOf(request) ?? new GatewayError("request.method", { detail: "CONNECT" });
    if (!node || !isAnswering(conversation)) return refuser.onSocket(socket, error, request);
    // Here Node cannot be told to wait: it has let go of the connection, and of what is still to be said on it.
    if (node.drain) socket.on("drain", node.drain.bind(socket));
    if (node.close) socket.on("close", node.close.bind(socket));
    if (!over) giveUp(socket, error, request);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, duplex: Duplex) => {
    if (!(duplex instanceof Socket)) return;
    const conversation = conversationOf(duplex);
    // A parser that has failed fails again with every further byte.
    if (conversation.failed) return;
    conversation.failed = true;
    const end = endOf(error, conversation);
    if (end) connectionOf(duplex)?.endsBy(end, error.code);
    const code = problemOf(error);
    if (code === undefined || !duplex.writable) duplex.destroy();
    else giveUp(duplex, new GatewayError(code, { cause: error }));
  });

  server.on("timeout", (socket: Socket) => {
    const conversation = conversationOf(socket);
    const isLate = isReceiving(socket, conversation);
    connectionOf(socket)?.endsBy(silenceOf(conversation, isLate));
    if (conversation.failed || !isLate) {
      socket.destroy();
      return;
    }
    conversation.failed = true;
    // It may not read what it is told either, or another answer may stand in the way of that for ever.
    socket.setTimeout(limits.idleTimeout);
    giveUp(socket, new GatewayError("request.timeout"));
  });

  const giveUp = (socket: Socket, error: GatewayError, behind?: IncomingMessage): void => {
    const { latest, requests } = conversationOf(socket);
    const transport = latest?.transport.kind === "http" ? latest.transport : undefined;
    if (latest && transport && !transport.response.closed) {
      const { request, response } = transport;
      if ("shouldKeepAlive" in response) response.shouldKeepAlive = false;
      if (request.complete) {
        response.once("close", () => closeUnread(socket));
        return refuser.unanswered(socket, error, behind);
      }
      // The rest of this request will never come: whoever waits for it lets go first, and then the client is told.
      latest.left();
      return latest.fail(error);
    }
    // It had its answer before its body had come; or nobody has said anything yet, as with a port scan or a spare connection.
    const answered = transport !== undefined && !transport.request.complete;
    if (answered || (requests === 0 && socket.bytesRead === 0)) socket.destroy();
    else refuser.onSocket(socket, error);
  };

  // Node looks after timeouts from the moment a server listens. This one is only handed connections.
  server.emit("listening");
  return server;
}

/** Why an error of Node's parser ends a connection; nothing where it is the connection itself that has ended. */
function endOf({ code = "" }: NodeJS.ErrnoException, { latest }: Conversation): ConnectionEnd | undefined {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    const transport = latest?.transport.kind === "http" ? latest.transport : undefined;
    return transport && !transport.request.complete ? "request-timeout" : "head-timeout";
  }
  return code.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE" ? "protocol-error" : undefined;
}

/** What nobody has said anything in. */
function silenceOf(conversation: Conversation, isLate: boolean): ConnectionEnd {
  if (isLate || isAnswering(conversation)) return "idle";
  return conversation.requests === 0 ? "head-timeout" : "keep-alive";
}

/** The client has begun a request and not ended it, and an answer to that can still be given. */
function isReceiving(socket: Socket, { latest, over, bytesBefore }: Conversation): boolean {
  const transport = latest?.transport.kind === "http" ? latest.transport : undefined;
  if (!latest || !transport || transport.response.closed) return !over && socket.bytesRead > bytesBefore;
  return !transport.request.complete && !latest.reply.started;
}

/** Ends a connection whose last answer is out while its client still sends the request; no other request can follow that. */
function endAfter(socket: Socket): void {
  conversationOf(socket).failed = true;
  socket.destroySoon = () => {};
  closeUnread(socket, uploadPatience);
}

/** Readies the bare socket behind an `upgrade` or a `connect`: Node has taken its own listeners off. */
function takeOver(request: IncomingMessage, duplex: Duplex, idleTimeout: number): Socket {
  const { socket } = request;
  socket.setTimeout(idleTimeout).on("timeout", () => {
    connectionOf(socket)?.endsBy("idle");
    socket.destroy();
  });
  // A reset is followed by `close`, which is what everybody waits for.
  duplex.on("error", () => {});
  // Once we have said all we had to say, a client that does not hang up is hung up on.
  duplex.once("finish", () => {
    if (conversationOf(socket).latest?.record.status !== 101) connectionOf(socket)?.endsBy("last-answer");
    if (socket.listenerCount("data") === 0) closeUnread(socket);
    else closeSoon(socket);
  });
  return socket;
}
