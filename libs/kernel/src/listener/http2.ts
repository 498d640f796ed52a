import { GatewayError } from "@tandem/contracts/errors";
import {
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type Http2Session,
  type ServerHttp2Session,
} from "node:http2";
import type { Exchange } from "../exchange.ts";
import { headExcess } from "../head-excess.ts";
import { isSending } from "../http-reply.ts";
import type { ListenLimits } from "./config.ts";
import { connectionOf } from "./connection.ts";
import { continueOnRead } from "./continue.ts";
import { type Serving, sweepInterval } from "./serving.ts";
import { SessionGuard } from "./session-guard.ts";

/** The half of a listener that speaks HTTP/2. It never listens itself: it is handed connections. */
export interface Http2Half {
  readonly server: Http2Server;
  /** Tells every client that no further request is taken. */
  retire(): void;
  stop(): void;
}

/** Makes it. Node limits little on HTTP/2 by itself, so that each session gets a guard. */
export function createHttp2({ limits, gateway, refuser, isClosing }: Serving): Http2Half {
  const guards = new Map<Http2Session, SessionGuard>();
  const server = createServer(nodeOptions(limits));

  server.on("session", (session: ServerHttp2Session) => {
    const connection = connectionOf(session.socket);
    if (!connection) throw new Error("a session on a connection that no listener took");
    const guard = new SessionGuard(session, connection, limits);
    guards.set(session, guard);
    session.once("close", () => guards.delete(session));
    if (isClosing()) guard.retire("drain");
  });

  const watch = (request: Http2ServerRequest, exchange: Exchange | undefined): void => {
    const { stream } = request;
    const guard = stream.session && guards.get(stream.session);
    if (!guard) return;
    guard.opened();
    if (exchange && !stream.endAfterHeaders) guard.receiving(exchange, stream);
    stream.setTimeout(limits.idleTimeout, () => {
      if (exchange && !exchange.reply.started && isSending(stream)) giveUp(exchange);
      else stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.once("close", () => guard.closed(stream, exchange));
  };
  const refuse = (request: Http2ServerRequest, response: Http2ServerResponse, error: GatewayError): void => {
    watch(request, undefined);
    refuser.onResponse(request, response, error);
  };

  const serve = (request: Http2ServerRequest, response: Http2ServerResponse): void => {
    const excess = headExcess(request.rawHeaders, request.url, limits);
    if (excess) refuse(request, response, new GatewayError("request.head-too-large", { detail: excess }));
    else watch(request, gateway().handle(request, response));
  };
  server.on("request", serve);
  server.on("checkContinue", (request: Http2ServerRequest, response: Http2ServerResponse) => {
    continueOnRead(request, response);
    serve(request, response);
  });
  server.on("connect", (request: Http2ServerRequest, response: Http2ServerResponse) =>
    refuse(request, response, new GatewayError("request.method", { detail: "CONNECT" })),
  );
  server.on("checkExpectation", (request: Http2ServerRequest, response: Http2ServerResponse) =>
    refuse(request, response, new GatewayError("request.expectation")),
  );

  const sweep = setInterval(() => {
    const now = performance.now();
    for (const guard of guards.values()) for (const exchange of guard.sweep(now)) giveUp(exchange);
  }, sweepInterval(limits)).unref();

  return {
    server,
    retire() {
      for (const guard of guards.values()) guard.retire("drain");
    },
    stop() {
      clearInterval(sweep);
    },
  };
}

/** The rest of the request will never come: whoever waits for it lets go first, and then the client is told. */
function giveUp(exchange: Exchange): void {
  exchange.left();
  exchange.fail(new GatewayError("request.timeout"));
}

function nodeOptions({ head, headers, streams, resets }: ListenLimits) {
  return {
    settings: {
      maxConcurrentStreams: streams,
      // nghttp2 resets what is beyond without telling anybody; up to here we count and answer with a problem.
      maxHeaderListSize: head * 4 + headers * 32,
      enablePush: false,
      enableConnectProtocol: false,
    },
    maxHeaderListPairs: headers * 4,
    maxSessionInvalidFrames: 50,
    maxSessionRejectedStreams: 100,
    // Behind our own allowance, which also sees streams that a client makes us reset.
    streamResetBurst: resets * 2,
    streamResetRate: Math.ceil(resets / 5),
  };
}
