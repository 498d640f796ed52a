import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { serve } from "@tandem/kernel/testing";
import { ask } from "@tandem/platform/testing";
import { z } from "zod";
import { roundRobin } from "../balance/round-robin.ts";
import { breakerSchema } from "../breaker/config.ts";
import { staticDiscovery } from "../discovery/static-discovery.ts";
import { createDispatcher } from "../connections/dispatcher.ts";
import { createHop, upstreamCodes } from "../exchange/hop.ts";
import { gatewayTo, persisting } from "../exchange/testing.ts";
import { healthSchema } from "../health/config.ts";
import { poolFields } from "./config.ts";
import type { InstanceView } from "./pool-view.ts";
import { createPool, type Pool } from "./pool.ts";
import { rulesOf } from "./rules.ts";

/** A real server that a test makes sick and well again. */
export interface Member {
  readonly origin: string;
  answers: "well" | "503" | "never" | "slowly";
  /** Requests that came, and that are with it now. */
  asked: number;
  busy: number;
  kill(): Promise<void>;
  /** Answers those that were never to be answered. */
  relent(): void;
  /** The same address, another process as far as anybody can tell. */
  start(): Promise<void>;
}

/** Starts one on a free port until the test ends. */
export async function member(t: TestContext): Promise<Member> {
  let server: Server | undefined;
  let port = 0;
  const held: ServerResponse[] = [];
  const listen = async (): Promise<void> => {
    server = createServer((_, response) => {
      one.asked++;
      one.busy++;
      response.on("close", () => one.busy--);
      if (one.answers === "well") response.end("ok");
      if (one.answers === "never") held.push(response);
      if (one.answers === "503") response.writeHead(503).end();
      if (one.answers === "slowly") setTimeout(() => response.end("ok"), 100);
    }).listen(port, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  };
  const kill = async (): Promise<void> => {
    const killed = server;
    server = undefined;
    if (!killed) return;
    const closed = once(killed, "close");
    killed.close();
    killed.closeAllConnections();
    await closed;
  };
  const relent = (): void => held.splice(0).forEach((response) => response.end("ok"));
  const one = { origin: "", answers: "well" as Member["answers"], asked: 0, busy: 0, kill, relent, start: listen };
  await listen();
  one.origin = `http://127.0.0.1:${port}`;
  t.after(kill);
  return one;
}

const schema = z.strictObject({ health: healthSchema, breaker: breakerSchema, ...poolFields });

interface ServiceOptions {
  readonly rules?: z.input<typeof schema>;
  /** Milliseconds to the first byte. */
  readonly timeout?: number;
  /** Default: nobody is asked beside another. */
  readonly hedge?: { readonly after: string };
}

/** A service behind a real gateway. */
export interface Service {
  readonly pool: Pool;
  readonly port: number;
  /** Sends so many GETs at once, and gives the statuses with their numbers. */
  readonly ask: (times: number) => Promise<Record<number, number>>;
  readonly seen: (of: Member) => InstanceView;
  /** GETs without pause until it is ended; gives how many there were of each status. */
  readonly load: (concurrency: number) => { end(): Promise<Record<number, number>> };
}

/** Puts members behind a gateway that retries twice. */
export async function serviceOf(
  t: TestContext,
  members: readonly Member[],
  { rules = {}, timeout = 10_000, hedge }: ServiceOptions = {},
): Promise<Service> {
  const pool = createPool({
    name: "orders",
    discovery: staticDiscovery(members.map(({ origin }) => ({ id: origin, origin, weight: 1 }))),
    balance: roundRobin(),
    dispatcherFor: (origin) => createDispatcher(origin, { connectTimeout: 10_000 }),
    rules: rulesOf(schema.parse(rules)),
  });
  t.after(() => pool.close());
  await pool.ready;
  let spans = 0;
  const hop = createHop({
    target: "orders",
    pool,
    codes: upstreamCodes,
    options: { connectTimeout: 10_000, timeout, idleTimeout: 10_000, ...persisting({ retry: { attempts: 2 }, hedge }) },
    ids: { spanId: () => String(++spans).padStart(16, "0") },
  });
  const port = await serve(t, gatewayTo(hop).gateway);
  const one = async (counts: Record<number, number>): Promise<void> => {
    const { status } = await ask(port, "/");
    counts[status] = (counts[status] ?? 0) + 1;
  };
  return {
    pool,
    port,
    async ask(times) {
      const counts: Record<number, number> = {};
      await Promise.all(Array.from({ length: times }, () => one(counts)));
      return counts;
    },
    seen({ origin }) {
      const found = pool.view().instances.find((instance) => instance.origin === origin);
      if (!found) throw new Error(`${origin} is not in the pool`);
      return found;
    },
    load(concurrency) {
      const counts: Record<number, number> = {};
      const over = new AbortController();
      const oneAfterTheOther = async (): Promise<void> => {
        while (!over.signal.aborted) await one(counts);
      };
      const running = Promise.all(Array.from({ length: concurrency }, oneAfterTheOther));
      return {
        async end() {
          over.abort();
          await running;
          return counts;
        },
      };
    },
  };
}
