import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Logger } from "@tandem/platform/log/logger";
import type { Ids } from "@tandem/platform/random";
import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import { answerJson } from "./answer.ts";
import { Refusal } from "./refusal.ts";
import { findRoute } from "./route-table.ts";
import { Running } from "./running.ts";
import { beginSpan, type Outcome } from "./server-span.ts";
import type { RouteTable, Service } from "./service.ts";
import { createSocketServer } from "./socket-server.ts";

interface DemoServerOptions {
  readonly instance: string;
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
  readonly ids: Ids;
  readonly onSpan?: ((span: CompactSpan) => void) | undefined;
  /** How often a WebSocket has to show that somebody is there. */
  readonly heartbeatMs?: number | undefined;
}

/** One instance of one demo service. */
export interface DemoServer {
  readonly instance: string;
  readonly port: number;
  /** Takes nothing new, lets what runs finish, and breaks it off at the deadline. */
  close(deadline: AbortSignal): Promise<void>;
}

/** Serves an instance; it listens when the promise resolves. */
export async function startServer(service: Service, options: DemoServerOptions): Promise<DemoServer> {
  const { instance, ids, onSpan } = options;
  let closing = false;
  const running = new Running();
  const health: RouteTable = {
    "/health": {
      GET: ({ response }) =>
        answerJson(response, closing ? 503 : 200, {
          value: { status: closing ? "closing" : "ok", service: service.name, instance },
        }),
    },
  };
  const routes = { ...health, ...service.routes };

  /** Follows a request to its end, which is when its span goes out. */
  const follow = (request: IncomingMessage, path: string): ((outcome: Outcome) => void) => {
    running.begin();
    const end = onSpan && path !== "/health" ? beginSpan(request, ids) : undefined;
    return (outcome) => {
      const span = end?.(outcome);
      if (span) onSpan?.(span);
      running.end();
    };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { path, query } = targetOf(request);
    const end = follow(request, path);
    let route: string | undefined;
    response.once("close", () => {
      // Until there is an answer, Node's status is 200.
      const status = response.headersSent ? response.statusCode : 0;
      end({ status, route, whole: response.writableFinished });
    });
    response.setHeader("x-demo-instance", instance);
    if (closing) response.setHeader("connection", "close");
    try {
      const found = findRoute(routes, request.method ?? "", path);
      route = found.pattern;
      await found.handler({ instance, path, query, id: found.id, request, response });
    } catch (error) {
      answerFailure(response, error, options.logger);
    }
  };

  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 75_000 });
  server.on("request", (request, response) => void serve(request, response));
  const sockets = createSocketServer(service.sockets ?? {}, { instance, follow, heartbeatMs: options.heartbeatMs });
  server.on("upgrade", (request, socket, head) =>
    sockets.accept({ path: targetOf(request).path, request, socket, head }),
  );

  const breakOff = (): void => {
    server.closeAllConnections();
    sockets.breakOff();
  };

  const port = await listen(server, options);
  return {
    instance,
    port,
    async close(deadline) {
      closing = true;
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      sockets.close();
      if (deadline.aborted) breakOff();
      deadline.addEventListener("abort", breakOff);
      await Promise.all([closed, running.none()]);
    },
  };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new Error(`port ${port} is taken`, { cause: error }) : error),
    );
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

function targetOf({ url = "" }: IncomingMessage): { path: string; query: string } {
  const mark = url.indexOf("?");
  return mark === -1 ? { path: url, query: "" } : { path: url.slice(0, mark), query: url.slice(mark) };
}

function answerFailure(response: ServerResponse, error: unknown, logger: Logger): void {
  if (response.destroyed) return;
  if (!(error instanceof Refusal)) logger.error("a demo service failed", { error });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, message } = error instanceof Refusal ? error : new Refusal(500, "the service failed");
  answerJson(response, status, { value: { error: message }, headers });
}
