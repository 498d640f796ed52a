import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createRawServer, type AddressInfo, type Server as RawServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { createGateway, type Gateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { RequestRecord } from "@tandem/kernel/record";
import type { Stage } from "@tandem/kernel/stage";
import type { Instance } from "../pool/instance.ts";
import { PooledInstance } from "../pool/pooled-instance.ts";
import type { ClientTls } from "./client-tls.ts";
import { createDispatcher, type DispatcherOptions } from "./dispatcher.ts";
import { createHop, upstreamCodes, type Hop } from "./hop.ts";
import { send } from "./send.ts";

/** A service on a free port until the test ends; gives its origin. */
export async function upstream(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  t.after(() => server.closeAllConnections());
  return listen(t, server);
}

/** A service that writes what it likes, byte by byte; `onRequest` gets each piece that arrives, and how many there were before on this connection. */
export async function rawUpstream(
  t: TestContext,
  onRequest: (socket: Socket, bytes: string, earlier: number) => void,
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createRawServer((socket) => {
    let pieces = 0;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => onRequest(socket, bytes.toString("latin1"), pieces++));
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  return listen(t, server);
}

/** An origin at which nobody listens. */
export async function deadOrigin(): Promise<string> {
  const server = createRawServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

async function listen(t: TestContext, server: Server | RawServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An instance with connections of its own, which the test takes with it. */
export function instanceAt(t: TestContext, origin: string, options: DispatcherOptions = {}): Instance {
  const dispatcher = createDispatcher(origin, options);
  t.after(() => dispatcher.destroy());
  return new PooledInstance({ id: origin.slice(origin.indexOf("//") + 2), origin, weight: 1 }, dispatcher);
}

interface HopParts {
  readonly connect?: number;
  readonly firstByte?: number;
  readonly idle?: number;
  readonly tls?: ClientTls;
}

/** A hop to a few instances, tried in their order. */
export function hopTo(instances: readonly Instance[], parts: HopParts = {}): Hop {
  const { connect = 1000, firstByte = 5000, idle = 5000, tls } = parts;
  let spans = 0;
  return createHop({
    target: "orders",
    pool: {
      pick: (_, tried) => instances.find((instance) => !tried.includes(instance)) ?? "no-instance",
      avoid: () => {},
    },
    codes: upstreamCodes,
    options: { connectTimeout: connect, timeout: firstByte, idleTimeout: idle },
    tls,
    ids: { spanId: () => String(++spans).padStart(16, "0") },
  });
}

/** A gateway of nothing but hygiene and one hop, and the records of what went through it. */
export function gatewayTo(hop: Hop, before: readonly Stage[] = []): { gateway: Gateway; records: RequestRecord[] } {
  const records: RequestRecord[] = [];
  const last: Stage = { name: "send", run: (exchange) => exchange.act("send", () => send(exchange, hop)) };
  const stages = [hygiene({ from: "strangers" }), ...before, last];
  const gateway = createGateway(stages, { prelude: [], observers: [(record) => void records.push(record)] });
  return { gateway, records };
}
