import { on, once } from "node:events";
import type { TestContext } from "node:test";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { createIds } from "@tandem/platform/random";
import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import { WebSocket, type ClientOptions } from "ws";
import { startServer, type DemoServer } from "./server.ts";
import type { Service } from "./service.ts";

interface Surroundings {
  readonly instance?: string;
  readonly heartbeatMs?: number;
}

/** A service on a free port until the test ends, with the spans that it gave. */
export async function demo(
  t: TestContext,
  service: Service,
  { instance = `${service.name}-test`, heartbeatMs }: Surroundings = {},
): Promise<DemoServer & { readonly spans: CompactSpan[] }> {
  const spans: CompactSpan[] = [];
  const server = await startServer(service, {
    instance,
    host: "127.0.0.1",
    port: 0,
    logger: silentLogger,
    ids: createIds(),
    onSpan: (span) => spans.push(span),
    heartbeatMs,
  });
  t.after(() => server.close(AbortSignal.abort()));
  return { ...server, spans };
}

/** A WebSocket that is open, with what arrives there. */
export interface Opened {
  readonly client: WebSocket;
  /** The next message: its text, and whether it came as bytes. */
  readonly next: () => Promise<readonly [text: string, binary: boolean]>;
  /** The code that it was closed with, once it is. */
  readonly closed: Promise<number>;
}

/** Opens a WebSocket to a service, until the test ends. */
export async function openSocket(t: TestContext, url: string, options: ClientOptions = {}): Promise<Opened> {
  const client = new WebSocket(url, options);
  t.after(() => client.terminate());
  const messages = on(client, "message");
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  client.once("close", (code) => resolve(code));
  await once(client, "open");
  return {
    client,
    closed,
    async next() {
      const [data, binary] = (await messages.next()).value ?? [];
      return [String(data), binary];
    },
  };
}
