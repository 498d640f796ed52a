import { hash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import {
  createServer,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from "node:http";
import { connect as connectHttp2, type ClientHttp2Stream } from "node:http2";
import { request as requestHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { routingProcess } from "../routing-process.ts";
import { securityProcess } from "../security-process.ts";
import { keysFolder, startTier, type Ending, type RunningTier } from "../testing.ts";

/** Both tiers in this process, with mutual TLS between them and real services behind them. */
export interface TestBed {
  readonly folder: string;
  readonly security: RunningTier;
  readonly routing: RunningTier;
  /** How a client trusts either of them, and with a name, the pair of that name in the folder that it shows. */
  tls(name?: string): ConnectionOptions;
}

export const issuer = "https://localhost:8443";
export const audience = "demo";

/** Our own issuer, as the file has it. */
export const ownIssuer = (...clients: object[]) => ({
  name: "own",
  type: "embedded",
  issuer,
  audience,
  keys: "token-keys",
  clients,
});

/** One of its clients, whose secret is its id and `-secret`. */
export const clientOf = (id: string, more: object = {}) => ({
  id,
  secretHash: `sha256:${hash("sha256", `${id}-secret`)}`,
  ...more,
});

/** What a file of tests needs beyond the ordinary. */
interface More {
  /** Beside what is there for everybody. */
  readonly routing?: { readonly services: object; readonly routes: readonly object[]; readonly policies: object[] };
  /** Of both tiers. Default: every trace is kept. */
  readonly traces?: object;
  /** All else is the security tier's. */
  readonly [setting: string]: unknown;
}

/** Starts it; `service` answers what is routed, by the first segment of its path. */
export async function startBoth(
  ending: Ending,
  service: RequestListener,
  { routing: own, traces = { sample: 1 }, ...more }: More = {},
): Promise<TestBed> {
  const folder = await keysFolder(ending);
  const origin = await serve(ending, service);
  // Its end comes at once: nobody listens there.
  const gone = await serve({ after: (close) => close() }, () => {});
  const consul = await serve(ending, (_, response) => response.setHeader("x-consul-index", 1).end("[]"));
  const host = "127.0.0.1";
  const here = { discovery: "static", instances: [origin] };
  const routing = await startTier(ending, routingProcess, {
    folder,
    shared: { consul: { address: consul }, traces },
    section: {
      listen: { host, port: 0, tls: { certificate: "routing.crt", key: "routing.key", clientCa: "ca.crt" } },
      assertion: { keys: "public-keys" },
      services: {
        open: here,
        orders: here,
        items: here,
        broken: here,
        slow: { ...here, timeout: "150ms" },
        gone: { ...here, instances: [gone] },
        nobody: { discovery: "consul" },
        ...own?.services,
      },
      routes: [
        ...["open", "broken", "slow", "gone", "nobody"].map((name) => route(name)),
        route("orders", { allow: { scopes: ["orders:read"] } }),
        route("items", { match: { path: "/items", methods: ["GET"] } }),
        ...(own?.routes ?? []),
      ],
      policies: own?.policies ?? [],
    },
  });
  const security = await startTier(ending, securityProcess, {
    folder,
    shared: { traces },
    section: {
      listen: { host, port: 0, tls: { certificate: "server.crt", key: "server.key" } },
      bodyLimit: "1KiB",
      issuers: [ownIssuer()],
      assertion: { keys: "assertion-keys" },
      routingTier: {
        discovery: "static",
        instances: [`https://${host}:${routing.port}`],
        tls: { certificate: "client.crt", key: "client.key", ca: "ca.crt" },
      },
      ...more,
    },
  });
  const read = (name: string) => readFileSync(join(folder, name));
  const ca = read("ca.crt");
  const tls = (name?: string) => ({ ca, ...(name && { cert: read(`${name}.crt`), key: read(`${name}.key`) }) });
  return { folder, security, routing, tls };
}

const route = (name: string, more: object = {}) => ({
  name,
  service: name,
  match: { path: `/${name}/**` },
  allow: "anyone",
  ...more,
});

type Upgrading = (request: IncomingMessage, socket: Duplex) => void;

/** Serves until the end, and gives the origin. */
export async function serve(ending: Ending, answer: RequestListener, upgrade?: Upgrading): Promise<string> {
  const server = createServer(answer);
  if (upgrade) server.on("upgrade", upgrade);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  ending.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}

/** Both are to be told the same. */
export const protocols = ["http/1.1", "h2"] as const;
export type Protocol = (typeof protocols)[number];

/** What a test asks, as it goes on the wire. */
export interface Asked {
  readonly method?: string;
  readonly path?: string;
  /** `host` is the authority of HTTP/2. A list is as many lines. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Null leaves it open, for the test to go on with. */
  readonly body?: string | null;
}

/** What a test is told. */
export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly json: any;
}

/** Whom to ask, how, and who the client is. */
export interface Line {
  readonly port: number;
  readonly protocol: Protocol;
  readonly tls: ConnectionOptions;
}

/** Asks one thing over a connection of its own. */
export async function ask(line: Line, asked: Asked): Promise<Told> {
  const begun = begin(line, asked);
  try {
    return await begun.told;
  } finally {
    begun.leave();
  }
}

interface Begun {
  readonly stream: ClientRequest | ClientHttp2Stream;
  readonly told: Promise<Told>;
  /** Whatever is under way. */
  readonly leave: () => void;
}

/** Asks, and leaves it to the test what becomes of it. */
export function begin(line: Line, asked: Asked): Begun {
  const begun = line.protocol === "h2" ? beginHttp2(line, asked) : beginHttp1(line, asked);
  const { body } = asked;
  if (body === undefined) begun.stream.end();
  else if (body === null) begun.stream.write("the beginning");
  else begun.stream.end(body);
  return begun;
}

function beginHttp1({ port, tls }: Line, { method = "GET", path = "/", headers = {} }: Asked): Begun {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === "string" ? [name, value] : value.flatMap((one) => [name, one]),
  );
  if (headers["host"] === undefined) lines.push("host", "localhost");
  const options = { ALPNProtocols: ["http/1.1"], agent: false, host: "127.0.0.1", port, method, path, headers: lines };
  const stream = requestHttps({ ...tls, ...options });
  const told = headOf<IncomingMessage>(stream).then(async (response) =>
    toldOf(response.statusCode ?? 0, response.headers, Buffer.concat(await response.toArray())),
  );
  return { stream, told: quietly(told), leave: () => void stream.destroy() };
}

function beginHttp2({ port, tls }: Line, { method = "GET", path = "/", headers = {}, body }: Asked): Begun {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ...tls, ALPNProtocols: ["h2"] });
  const { host = "localhost", ...rest } = headers;
  const fields = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, [value].flat()]));
  const stream = session.request(
    { ":method": method, ":path": path, ":authority": [host].flat().join(), ...fields },
    { endStream: body === undefined },
  );
  session.on("error", (error) => stream.destroy(error));
  const told = headOf<IncomingHttpHeaders & { ":status"?: number }>(stream).then(async (head) =>
    toldOf(head[":status"] ?? 0, head, Buffer.concat(await stream.toArray())),
  );
  return { stream, told: quietly(told), leave: () => session.destroy() };
}

function headOf<Head>(stream: ClientRequest | ClientHttp2Stream): Promise<Head> {
  return new Promise((resolve, reject) => {
    stream.once("response", resolve).on("error", reject);
    stream.once("close", () => reject(new Error("closed without an answer")));
  });
}

function toldOf(status: number, headers: IncomingHttpHeaders, body: Buffer): Told {
  const json: unknown = /json/.test(headers["content-type"] ?? "") ? JSON.parse(String(body)) : undefined;
  return { status, headers, json };
}

/** Not everybody who begins wants to know the end. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Sends bytes as they are over TLS, and gives all that comes back until the other end closes. */
export async function askRaw(port: number, tls: ConnectionOptions, bytes: string): Promise<string> {
  const socket = connectTls({ ...tls, host: "127.0.0.1", port, ALPNProtocols: ["http/1.1"] });
  socket.write(bytes, "latin1");
  return Buffer.concat(await socket.toArray()).toString("latin1");
}
