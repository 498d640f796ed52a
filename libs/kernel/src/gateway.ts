import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Explanation } from "@tandem/contracts/explanation";
import { Exchange, type Given, type NodeResponse, type Transport } from "./exchange.ts";
import { dryRun } from "./explain/dry-run.ts";
import type { HeldBytes } from "./held-bytes.ts";
import { HttpReply } from "./http-reply.ts";
import { writeProblem } from "./problem.ts";
import { RequestRecord, type Observer } from "./record.ts";
import type { Reply } from "./reply.ts";
import { viewOf, viewOfUpgrade, type NodeRequest, type RequestView } from "./request-view.ts";
import { SocketReply } from "./socket-reply.ts";
import { layStages, type Stage } from "./stage.ts";

/** What watches every exchange: stages before all others, and observers told at the end. */
export interface Observed {
  readonly prelude: readonly Stage[];
  /** Gives its ids to a request that passes no stage, because the parser refused it. */
  readonly identify?: Observer;
  readonly observers: readonly Observer[];
}

interface GatewayOptions {
  /** Bounds the bodies that stages hold whole (`holdBody`). Default: nothing does. */
  readonly heldBytes?: HeldBytes;
}

/** A list of stages, ready to serve. */
export interface Gateway {
  /** Requests that have begun and not ended. */
  readonly inFlight: number;
  /** Gives the exchange to the listener, which can tell it that the rest of its request will never come. */
  handle(request: NodeRequest, response: NodeResponse): Exchange;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Exchange;
  /** Gives its ids to a request that the parser refused, before it is answered. */
  identify(record: RequestRecord): void;
  /** Tells the observers of a request that never became one. */
  refused(record: RequestRecord): void;
  /** What would become of a request, by the stages that serve; nothing is sent, spent or counted. */
  explain(request: RequestView, given?: Given): Promise<Explanation>;
}

/** Composes stages into a gateway, once per generation. */
export function createGateway(
  stages: readonly Stage[],
  observed: Observed = { prelude: [], observers: [] },
  { heldBytes }: GatewayOptions = {},
): Gateway {
  const run = layStages([...observed.prelude, ...stages]);
  let inFlight = 0;

  const serve = (request: RequestView, reply: Reply, transport: Transport): Exchange => {
    inFlight++;
    request.heldBytes = heldBytes;
    const record = new RequestRecord();
    record.method = request.method;
    record.protocol = request.protocol;
    record.peer = request.peer;
    record.upgrade = request.upgrade;
    const exchange = new Exchange({ request, reply, record, transport, fail: writeProblem });
    try {
      const pending = run(exchange);
      if (pending) void settle(exchange, pending);
      else requireEnd(exchange);
    } catch (error) {
      exchange.fail(error);
    }
    return exchange;
  };

  const conclude = (exchange: Exchange, whole: boolean): void => {
    inFlight--;
    const { record, reply, request } = exchange;
    request.releaseRoom();
    if (!whole) {
      if (record.ending === "answered") record.ending = "client-left";
      exchange.left();
    }
    record.status = reply.status || record.status;
    record.bytesOut = reply.bytes || record.bytesOut;
    record.host = request.host;
    record.port = request.port;
    record.sentTarget = exchange.target;
    record.path = request.path;
    record.scheme = request.scheme;
    record.clientAddress = request.clientAddress;
    record.principal = exchange.principal;
    record.service = exchange.service ?? exchange.route?.service;
    record.duration = record.now();
    tell(observed.observers, record);
  };

  return {
    get inFlight() {
      return inFlight;
    },
    handle(request, response) {
      const reply = new HttpReply(response);
      const exchange = serve(viewOf(request), reply, { kind: "http", request, response });
      response.once("close", () => conclude(exchange, reply.whole));
      return exchange;
    },
    upgrade(request, socket, head) {
      const exchange = serve(viewOfUpgrade(request), new SocketReply(socket), {
        kind: "upgrade",
        request,
        socket,
        head,
      });
      // The upgrade proxy, and a middleware, write on the socket themselves, and note the status.
      socket.once("close", () => conclude(exchange, exchange.reply.started || exchange.record.status !== 0));
      return exchange;
    },
    identify(record) {
      observed.identify?.(record);
    },
    refused(record) {
      observed.identify?.(record);
      tell(observed.observers, record);
    },
    explain(request, given) {
      request.heldBytes = heldBytes;
      return dryRun(stages, request, given);
    },
  };
}

/** An observer that throws must end neither the process nor the telling: those behind it find in the record what happened. */
function tell(observers: readonly Observer[], record: RequestRecord): void {
  for (const observe of observers)
    try {
      observe(record);
    } catch (cause) {
      record.broke(cause);
    }
}

async function settle(exchange: Exchange, pending: Promise<void>): Promise<void> {
  try {
    await pending;
    requireEnd(exchange);
  } catch (error) {
    exchange.fail(error);
  }
}

function requireEnd(exchange: Exchange): void {
  if (!exchange.ended) exchange.fail(new Error("no stage answered the request"));
}
