import { ServerResponse } from "node:http";
import type { Express, RequestHandler } from "express";
import type { Exchange, NodeResponse } from "../exchange.ts";
import { isHttp2 } from "../http-reply.ts";
import type { NodeRequest } from "../request-view.ts";
import type { Stage } from "../stage.ts";
import { createTwinApps, handOver } from "./express-app.ts";
import { errorOfExpress } from "./express-error.ts";

/**
 * Makes any Express or connect middleware a stage. `next()` goes on, `next(error)` and a rejected promise fail, and an
 * answer that the middleware gives itself ends the way. On an upgrade it may refuse in the same manner; a dry run ends there.
 */
export function expressStage(name: string, middleware: RequestHandler): Stage {
  const twins = createTwinApps();
  return {
    name,
    run(exchange) {
      const { transport } = exchange;
      if (transport.kind === "dry") return exchange.act(`${name}, which needs a real request to decide`, () => {});
      if (transport.kind === "none") throw new TypeError(`${name}: there is no request of Node's to show`);
      const { request } = transport;
      const response = transport.kind === "http" ? transport.response : new ServerResponse(transport.request);
      handOver(exchange, request);
      return ask(exchange, { name, request, response, middleware, app: isHttp2(response) ? twins.http2 : twins.http1 });
    },
  };
}

interface Asked {
  readonly name: string;
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  readonly middleware: RequestHandler;
  readonly app: Express;
}

/** Runs the middleware until it says what is to become of the request; no promise where it says so at once. */
function ask(exchange: Exchange, { name, request, response, middleware, app }: Asked): void | Promise<void> {
  const prototypes = [Object.getPrototypeOf(request), Object.getPrototypeOf(response)] as const;
  let outcome: { readonly error?: unknown } | undefined;
  let wake: (() => void) | undefined;
  const settle = (given: { readonly error?: unknown }): void => {
    outcome ??= given;
    Reflect.deleteProperty(response, "writeHead");
    wake?.();
  };
  // Whatever a middleware answers with, it comes to `writeHead`, and that is the moment at which it acts.
  const answer = (...head: readonly unknown[]): unknown => {
    settle({});
    const { added } = exchange.reply;
    for (let index = 0; index < added.length; index += 2) response.appendHeader(added[index]!, added[index + 1]!);
    void exchange.act(name, () => {
      if (exchange.transport.kind === "upgrade") takeSocket(exchange, response);
    });
    return Reflect.apply(response.writeHead, response, head);
  };
  Object.defineProperty(response, "writeHead", { value: answer, configurable: true });

  const leave = (given: { readonly error?: unknown }): void => {
    if (outcome) return;
    Object.setPrototypeOf(request, prototypes[0]);
    Object.setPrototypeOf(response, prototypes[1]);
    settle(given);
  };
  // By the words "route" and "router" one leaves a router of Express; they are no errors.
  const next = (error?: unknown): void =>
    leave(error === undefined || error === null || error === "route" || error === "router" ? {} : { error });
  const fail = (error: unknown): void => leave({ error });
  // What an app does before it routes. Its router is left out: it passes `next` on a turn of the event loop later.
  Object.assign(request, { res: response });
  Object.assign(response, { req: request, locals: Object.create(null) });
  Object.setPrototypeOf(request, app.request);
  Object.setPrototypeOf(response, app.response);
  try {
    const pending: unknown = Reflect.apply(middleware, undefined, [request, response, next]);
    if (pending instanceof Promise) pending.catch(fail);
  } catch (error) {
    fail(error);
  }
  const conclude = (): void => {
    if (outcome && "error" in outcome) throw errorOfExpress(outcome.error);
  };
  if (outcome) return conclude();
  const settled = new Promise<void>((resolve) => (wake = resolve));
  exchange.onLeave(() => settle({}));
  return settled.then(conclude);
}

/** Who answers a request that wants an upgrade refuses it; until then the connection is nobody's. */
function takeSocket(exchange: Exchange, response: NodeResponse): void {
  if (exchange.transport.kind !== "upgrade" || isHttp2(response)) return;
  const { socket } = exchange.transport.request;
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => {
    exchange.record.status = response.statusCode;
    response.detachSocket(socket);
    socket.end();
  });
}
