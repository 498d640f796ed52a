import { GatewayError } from "@tandem/contracts/errors";
import express, { type Express, type Router } from "express";
import { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Exchange, NodeResponse } from "../exchange.ts";
import { isHttp2 } from "../http-reply.ts";
import type { NodeRequest } from "../request-view.ts";
import { errorOfExpress } from "./express-error.ts";

/** An Express app behind either protocol. What it does not answer, and what fails in it, comes back through `next`. */
export type ExpressApp = (request: NodeRequest, response: NodeResponse, next: (error?: unknown) => void) => void;

/**
 * Makes an Express app that serves HTTP/2 as well. Mount routers only: an app that is mounted gives the request
 * prototypes of its own, which an HTTP/2 request does not survive.
 */
export function createExpressApp(configure: (router: Router) => void): ExpressApp {
  const router = express.Router();
  configure(router);
  const { http1, http2 } = createTwinApps();
  http1.use(router);
  http2.use(router);
  // The types of Express know neither HTTP/2 nor that an app takes a `next`.
  return (...given) => void Reflect.apply(isHttp2(given[1]) ? http2 : http1, undefined, given);
}

/** Two apps that differ in what their requests and responses stand on: those of Express itself know HTTP/1.1 alone. */
export function createTwinApps(): { readonly http1: Express; readonly http2: Express } {
  const http1 = plainApp();
  const http2 = plainApp();
  const app = { app: { value: http2, configurable: true, enumerable: true, writable: true } };
  Object.assign(http2, {
    request: Object.create(onto(Http2ServerRequest.prototype, express.request), app),
    response: Object.create(onto(Http2ServerResponse.prototype, express.response), app),
  });
  return { http1, http2 };
}

/** Answers an exchange with an Express app: ends the way, whatever comes of it. */
export function answerWithExpress(exchange: Exchange, what: string, app: ExpressApp): void {
  if (exchange.request.upgrade !== undefined) throw new GatewayError("request.upgrade");
  void exchange.act(what, () => {
    const { transport } = exchange;
    if (transport.kind !== "http") throw new TypeError(`${what}: there is no request of Node's to hand over`);
    const { request, response } = transport;
    handOver(exchange, request);
    for (let index = 0; index < exchange.reply.added.length; index += 2)
      response.appendHeader(exchange.reply.added[index]!, exchange.reply.added[index + 1]!);
    app(request, response, (error) =>
      exchange.fail(error === undefined ? new GatewayError("route.unknown") : errorOfExpress(error)),
    );
  });
}

const exchanges = new WeakMap<NodeRequest, Exchange>();

/** The exchange behind a request that Express handles, for its handlers. */
export function exchangeOfRequest(request: NodeRequest): Exchange {
  const exchange = exchanges.get(request);
  if (!exchange) throw new TypeError("no exchange was handed over with this request");
  return exchange;
}

/**
 * Readies Node's request for Express: it sees the target and the headers in the one normal form that every stage sees,
 * not what was sent; on HTTP/2 it gets its Host this way, too.
 */
export function handOver(exchange: Exchange, request: NodeRequest): void {
  exchanges.set(request, exchange);
  const { path, query, headers, host, body } = exchange.request;
  // Hygiene has not run: only in a test that leaves it out.
  if (path === "") return;
  request.url = path + query;
  const fields: Record<string, string> = Object.create(null);
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!;
    const earlier = fields[name];
    fields[name] =
      earlier === undefined ? headers[index + 1]! : earlier + (name === "cookie" ? "; " : ", ") + headers[index + 1]!;
  }
  fields["host"] = host;
  // HTTP/2 frames a body without saying so in a header, where the body parsers look for it.
  if (body && fields["content-length"] === undefined) fields["transfer-encoding"] = "chunked";
  Object.defineProperty(request, "headers", { value: fields, configurable: true, enumerable: true, writable: true });
}

function plainApp(): Express {
  const app = express();
  app.set("etag", false);
  app.disable("x-powered-by");
  return app;
}

/** The same properties on another base. */
function onto(base: object, prototype: object): object {
  return Object.create(base, Object.getOwnPropertyDescriptors(prototype));
}
