import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { connect as connectHttp2, type ClientHttp2Session, type OutgoingHttpHeaders } from "node:http2";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { setTimeout as delay } from "node:timers/promises";
import { createGateway, type Gateway } from "../gateway.ts";
import type { RequestRecord } from "../record.ts";
import type { Stage } from "../stage.ts";
import { answer } from "../testing.ts";
import { listenSchema, type ListenOptions } from "./config.ts";
import type { ClosedConnection, ConnectionEvent } from "./connection-event.ts";
import { createListener, type Listener } from "./listener.ts";
import type { TlsMaterial } from "./tls-material.ts";

/** The authority of all tests of a file, and what it issued. */
export const authority = createAuthority("listener tests");
const names = ["localhost", "127.0.0.1"];
const own = issueCertificate(authority, { name: "localhost", sans: names, usage: "server" });
export const clientOf = (name: string) => issueCertificate(authority, { name, usage: "client" });
export const serverMaterial: TlsMaterial = { certificate: own.certificate, key: own.key };

interface Wanted {
  readonly stages?: readonly Stage[];
  readonly tls?: TlsMaterial;
  /** As in the file. */
  readonly listen?: Record<string, unknown>;
}

/** A listener that runs until the test ends, and what it was heard to say. */
export interface Listening {
  readonly listener: Listener;
  readonly gateway: Gateway;
  readonly port: number;
  readonly records: RequestRecord[];
  readonly events: ConnectionEvent[];
  /** Waits for so many connections to have ended. */
  readonly closed: (count: number) => Promise<ClosedConnection[]>;
  /** Waits for so many records. */
  readonly recorded: (count: number) => Promise<RequestRecord[]>;
}

let minted = 0;

/** Listens on a free port of this machine. */
export async function listening(t: TestContext, { stages = [answer], tls, listen }: Wanted = {}): Promise<Listening> {
  const records: RequestRecord[] = [];
  const events: ConnectionEvent[] = [];
  const naming: Stage = { name: "naming", run: ({ record }) => void (record.id = `exchange-${++minted}`) };
  const gateway = createGateway(stages, { prelude: [naming], observers: [(record) => records.push(record)] });
  const config: ListenOptions = listenSchema({ port: 0 }).parse({ host: "127.0.0.1", ...listen });
  const listener = createListener({
    config,
    ...(tls && { tls }),
    gateway: () => gateway,
    requestId: () => `refused-${++minted}`,
    logger: silentLogger,
    onConnection: (event) => events.push(event),
  });
  const { port } = await listener.listen();
  t.after(() => listener.close(0));
  const recorded = async (count: number): Promise<RequestRecord[]> => {
    for (let tries = 0; records.length < count && tries < 1_500; tries++) await delay(10);
    return records;
  };
  const ended = (): ClosedConnection[] => events.filter((event) => event.kind === "closed");
  const closed = async (count: number): Promise<ClosedConnection[]> => {
    for (let tries = 0; ended().length < count && tries < 1_500; tries++) await delay(10);
    return ended();
  };
  return { listener, gateway, port, records, events, recorded, closed };
}

/** A connection that gathers what comes back; `ended` resolves with all of it once the other end has closed. */
export interface Line {
  readonly socket: Socket;
  readonly ended: Promise<string>;
  /** Waits until that much has come. */
  readonly until: (pattern: RegExp) => Promise<string>;
}

/** Opens a TCP connection, or a TLS one that speaks HTTP/1.1. */
export function dial(t: TestContext, port: number, secure?: ConnectionOptions): Line {
  const socket = secure
    ? connectTls({ port, host: "127.0.0.1", ca: authority.certificate, ALPNProtocols: ["http/1.1"], ...secure })
    : connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.on("error", (error) => (text += `[${error.message}]`));
  const ended = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
  t.after(() => socket.destroy());
  const until = async (pattern: RegExp): Promise<string> => {
    for (let tries = 0; !pattern.test(text) && tries < 1_500; tries++) await delay(10);
    return text;
  };
  return { socket, ended, until };
}

/** What one HTTP/2 stream came to. */
export interface StreamEnd {
  readonly status: number;
  readonly text: string;
  readonly code: number;
  readonly json: any;
  readonly fields: OutgoingHttpHeaders;
}

/** An HTTP/2 session of a client that trusts the tests' authority. */
export function session(t: TestContext, port: number, secure: ConnectionOptions = {}): ClientHttp2Session {
  const client = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority.certificate, ...secure });
  client.on("error", () => {});
  t.after(() => client.destroy());
  return client;
}

/** Sends one request over a session; without a `body` it has none, with `null` the body is left open. */
export function ask(
  client: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string | null,
): Promise<StreamEnd> {
  const stream = client.request(headers, { endStream: body === undefined });
  if (typeof body === "string") stream.end(body);
  let fields: OutgoingHttpHeaders = {};
  let text = "";
  stream.on("response", (head) => (fields = head));
  stream.on("data", (chunk) => (text += String(chunk)));
  stream.on("error", () => {});
  return new Promise((resolve) =>
    stream.once("close", () =>
      resolve({
        status: Number(fields[":status"] ?? 0),
        fields,
        text,
        code: stream.rstCode ?? 0,
        json: text.startsWith("{") ? JSON.parse(text) : undefined,
      }),
    ),
  );
}
