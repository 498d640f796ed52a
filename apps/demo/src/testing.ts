import { request as send, type IncomingMessage } from "node:http";
import type { TestContext } from "node:test";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { createIds } from "@tandem/platform/random";
import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import { startServer, type DemoServer } from "./server.ts";
import type { Service } from "./service.ts";

/** A service on a free port until the test ends, with the spans that it gave. */
export async function demo(t: TestContext, service: Service): Promise<DemoServer & { readonly spans: CompactSpan[] }> {
  const spans: CompactSpan[] = [];
  const server = await startServer(service, {
    instance: `${service.name}-test`,
    host: "127.0.0.1",
    port: 0,
    logger: silentLogger,
    ids: createIds(),
    onSpan: (span) => spans.push(span),
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
