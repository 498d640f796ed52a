import { GatewayError } from "@tandem/contracts/errors";
import type { Logger } from "@tandem/platform/log/logger";
import type { RequestHandler } from "express";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createExpressApp } from "../express/express-app.ts";
import { errorOfExpress } from "../express/express-error.ts";
import { HttpReply } from "../http-reply.ts";
import { type ListenAddress, listenOn, addressOf } from "../listener/listen-on.ts";
import { problemBody, problemHead } from "../problem.ts";
import { answerParserErrors } from "./answer-parser-errors.ts";
import { besideSections } from "./beside.ts";
import type { AdminOptions } from "./config.ts";
import { createBrowserGuard, createTokenGuard } from "./guards.ts";
import type { Readiness } from "./readiness.ts";

/** A further part of the admin plane, for holders of the token unless it says otherwise. */
export interface AdminSection {
  readonly method?: "get" | "post" | "put" | "delete";
  /** In Express's syntax: `/traces/:id`. */
  readonly path: string;
  /** For anyone who reaches the admin plane. */
  readonly open?: true;
  readonly handler: RequestHandler;
}

/** The admin plane of a process: a port of its own, which the data plane never leads to. */
export interface Admin {
  /** Rejects with a ListenError. */
  listen(): Promise<ListenAddress>;
  close(): Promise<void>;
  readonly address: ListenAddress | undefined;
}

interface AdminParts {
  readonly config: AdminOptions;
  readonly readiness: Readiness;
  readonly metrics: (request: IncomingMessage, response: ServerResponse) => void;
  /** The configuration in force, with its secrets gone. */
  readonly view: () => unknown;
  readonly sections?: readonly AdminSection[];
  readonly requestId: () => string;
  readonly logger: Logger;
}

/** Makes the admin plane: health and metrics for anyone who reaches it, all else, known or not, for holders of the token. */
export function createAdmin({ config, readiness, metrics, view, sections = [], requestId, logger }: AdminParts): Admin {
  const requireToken = createTokenGuard(config.token);
  const keepPagesOut = createBrowserGuard(config.hosts);
  if (!config.token) logger.info("no admin token is configured: the admin plane shows health and metrics only");

  const app = createExpressApp((router) => {
    router.use((request, response, next) => {
      keepPagesOut(request.headers);
      response.set({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
      next();
    });
    router.get("/healthz", (_, response) => void response.json({ status: "ok" }));
    router.get("/readyz", (_, response) => {
      const report = readiness.report();
      response.status(report.ready ? 200 : 503).json(report);
    });
    router.get("/metrics", (request, response) => metrics(request, response));
    const add = ({ method = "get", path, handler }: AdminSection): void => void router[method](path, handler);
    sections.filter(({ open }) => open).forEach(add);
    router.use((request, _, next) => {
      requireToken(request.headers);
      next();
    });
    router.get("/config", (_, response) => void response.json(view()));
    sections.filter(({ open }) => !open).forEach(add);
    if (config.token) besideSections({ planes: config.beside, token: config.token }).forEach(add);
  });

  const refuse = (response: ServerResponse, thrown: unknown): void => {
    const error = thrown === undefined ? new GatewayError("route.unknown") : errorOfExpress(thrown);
    const id = requestId();
    if (error.status >= 500) logger.warn("the admin plane failed", { requestId: id, error: reasonOf(error) });
    if (response.headersSent) return void response.destroy();
    new HttpReply(response).send(error.status, problemHead(error), problemBody(error, id));
  };

  const server = createServer(
    { headersTimeout: 5000, requestTimeout: 10_000, keepAliveTimeout: 15_000, maxHeaderSize: 8192 },
    (request, response) => app(request, response, (error) => refuse(response, error)),
  );
  server.maxConnections = 256;
  answerParserErrors(server, requestId);
  server.on("checkExpectation", (_, response) => refuse(response, new GatewayError("request.expectation")));
  return {
    listen: () =>
      listenOn(server, {
        host: config.host,
        port: config.port,
        whenBroken: (error) => logger.error("the admin plane failed", { error: error.message }),
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    get address() {
      return addressOf(server);
    },
  };
}

const reasonOf = ({ cause, message }: GatewayError): string => (cause instanceof Error ? cause.message : message);
