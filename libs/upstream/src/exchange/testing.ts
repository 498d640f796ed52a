import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createRawServer, type AddressInfo, type Server as RawServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { Attempt } from "@tandem/contracts/upstream";
import { createGateway, type Gateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { RequestRecord } from "@tandem/kernel/record";
import type { Stage } from "@tandem/kernel/stage";
import type { Dispatcher } from "undici";
import { z } from "zod";
import type { Instance } from "../pool/instance.ts";
import type { UpgradeLimits } from "../upgrade/config.ts";
import type { ClientTls } from "../connections/client-tls.ts";
import { createDispatcher, type DispatcherOptions } from "../connections/dispatcher.ts";
import { createHop, upstreamCodes, type Hop } from "./hop.ts";
import { resilienceFields, type ResilienceOptions } from "./resilience-fields.ts";
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

/** An instance with connections of its own, which the test takes with it; a machine that is busy may open them slowly. */
export function instanceAt(t: TestContext, origin: string, options: DispatcherOptions = {}): Instance {
  const dispatcher = createDispatcher(origin, { connectTimeout: 10_000, ...options });
  t.after(() => dispatcher.destroy());
  return new CountingInstance(origin, dispatcher);
}

/** Counts what is given to it, and holds whoever gives it to the rule: each attempt ends once. */
class CountingInstance implements Instance {
  readonly id: string;
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  readonly weight = 1;
  readonly latency = 0;
  inFlight = 0;
  readonly #ended = new WeakSet<Attempt>();

  constructor(origin: string, dispatcher: Dispatcher) {
    this.id = origin.slice(origin.indexOf("//") + 2);
    this.origin = origin;
    this.dispatcher = dispatcher;
  }

  begin(): void {
    this.inFlight++;
  }

  end(attempt: Attempt): void {
    assert.ok(!this.#ended.has(attempt), "an attempt has ended twice");
    assert.ok(attempt.outcome !== undefined && attempt.endedAt !== undefined);
    this.#ended.add(attempt);
    this.inFlight--;
  }
}

interface HopParts {
  readonly connect?: number;
  readonly firstByte?: number;
  readonly idle?: number;
  readonly upgrades?: UpgradeLimits;
  readonly tls?: ClientTls;
  readonly resilience?: ResilienceOptions;
  /** Default: no pause before a retry. */
  readonly random?: () => number;
}

/** As much of a pool as a hop needs: a few instances, tried in their order. */
export function poolOf(instances: readonly Instance[], more: Partial<Hop["pool"]> = {}): Hop["pool"] {
  const untried = (tried: readonly Instance[]) => instances.find((instance) => !tried.includes(instance));
  return {
    pick: (_, tried) => untried(tried) ?? "no-instance",
    spare: (_, tried) => untried(tried),
    foresee: () =>
      instances.length > 0 ? { because: "it comes first", instances: instances.slice(0, 1) } : "no-instance",
    restsFor: 0,
    avoid: () => {},
    view: () => assert.fail("nobody is to look at this pool"),
    ...more,
  };
}

/** A hop to a few instances, tried in their order. */
export function hopTo(instances: readonly Instance[], parts: HopParts = {}): Hop {
  const { connect = 10_000, firstByte = 10_000, idle = 10_000, upgrades, tls, resilience, random = () => 0 } = parts;
  let spans = 0;
  return createHop({
    target: "orders",
    pool: poolOf(instances),
    codes: upstreamCodes,
    options: {
      connectTimeout: connect,
      timeout: firstByte,
      idleTimeout: idle,
      ...(upgrades && { upgrades }),
      ...resilience,
    },
    random,
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

const resilience = z.strictObject(resilienceFields);

/** How a service persists, as it would stand in the configuration; without a pause before a retry unless it asks for one. */
export function persisting({ retry = {}, ...rest }: z.input<typeof resilience> = {}): ResilienceOptions {
  return resilience.parse({ ...rest, retry: { backOff: { first: "0ms" }, ...retry } });
}
