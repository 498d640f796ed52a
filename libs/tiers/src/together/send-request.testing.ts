// What a client of either protocol would do, over connections that are kept.
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { Agent, request as requestHttps } from "node:https";
import type { IncomingHttpHeaders } from "node:http";
import type { ConnectionOptions } from "node:tls";
import type { RandomRequest } from "./random-requests.testing.ts";

/** What the client was told. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One client: it sends one request after the other. */
export interface Client {
  send(request: RandomRequest): Promise<Answer>;
  close(): void;
}

export function openClient(port: number, tls: ConnectionOptions): Client {
  const agent = new Agent({ ...tls, ALPNProtocols: ["http/1.1"], keepAlive: true, servername: "localhost" });
  let session: ClientHttp2Session | undefined;
  const sessionOf = (): ClientHttp2Session => {
    if (session && !session.closed && !session.destroyed) return session;
    session = connectHttp2(`https://localhost:${port}`, { ...tls, ALPNProtocols: ["h2"] });
    session.on("error", () => {});
    return session;
  };
  return {
    send: (request) =>
      request.protocol === "2" ? overHttp2(sessionOf(), request) : overHttp1({ port, agent }, request),
    close() {
      agent.destroy();
      session?.destroy();
    },
  };
}

function overHttp1({ port, agent }: { port: number; agent: Agent }, request: RandomRequest): Promise<Answer> {
  const { method, target, host, headers, body, upgrade } = request;
  const lines = [...(host === undefined ? [] : ["Host", host]), ...headers.flat()];
  // Whoever gets a WebSocket keeps its connection.
  const own = upgrade ? { agent: false as const, ...agent.options } : { agent };
  const sent = requestHttps({ ...own, host: "localhost", port, method, path: target, setHost: false, headers: lines });
  return new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("upgrade", ({ statusCode = 0, headers: told }, socket) => {
      socket.on("error", () => {}).destroy();
      resolve({ status: statusCode, headers: told, text: "" });
    });
    sent.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      answer
        .on("error", reject)
        .on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.end(body);
  });
}

function overHttp2(session: ClientHttp2Session, request: RandomRequest): Promise<Answer> {
  const { method, target, host = "localhost", headers, body } = request;
  const fields: Record<string, string | string[]> = { ":method": method, ":path": target, ":authority": host };
  for (const [raw, value] of headers) {
    const name = raw.toLowerCase();
    fields[name] = fields[name] === undefined ? value : [fields[name], value].flat();
  }
  const stream = session.request(fields, { endStream: body === undefined });
  return new Promise((resolve, reject) => {
    let head: (IncomingHttpHeaders & { ":status"?: number | undefined }) | undefined;
    let text = "";
    stream.on("response", (told) => (head = told));
    stream.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    stream.on("error", (error) => (head ? undefined : reject(error)));
    stream.on("close", () =>
      head ? resolve({ status: head[":status"] ?? 0, headers: head, text }) : reject(new Error("no answer")),
    );
    if (body !== undefined) stream.end(body);
  });
}
