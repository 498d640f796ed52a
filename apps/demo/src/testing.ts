import { on, once } from "node:events";
import { request as send, type IncomingMessage } from "node:http";
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

/** What a test sees of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  readonly json: any;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

/** Asks a service over real HTTP, with a path that nothing normalises. */
export function ask(port: number, path: string, { method = "GET", headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = send({ host: "127.0.0.1", port, path, method, headers, agent: false });
    sent.on("error", reject);
    sent.on("response", (response) => void read(response).then(resolve, reject));
    sent.end(body);
  });
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const isJson = response.headers["content-type"] === "application/json" && text !== "";
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
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
