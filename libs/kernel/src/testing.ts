import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { ask, type Answer, type Asked } from "@tandem/platform/testing";
import { Exchange, type Transport } from "./exchange.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { HeaderEdits, setValue, type HeaderList } from "./header-list.ts";
import { writeProblem } from "./problem.ts";
import { RequestRecord } from "./record.ts";
import type { Reply } from "./reply.ts";
import { RequestView, type RequestParts } from "./request-view.ts";
import type { Stage } from "./stage.ts";

/** A last stage that answers 200 with what the request has become. */
export const answer: Stage = {
  name: "answer",
  run: (exchange) =>
    exchange.act("answer", () =>
      exchange.reply.send(
        200,
        ["content-type", "application/json"],
        JSON.stringify({
          id: exchange.id,
          method: exchange.request.method,
          path: exchange.request.path,
          query: exchange.request.query,
          host: exchange.request.host,
          headers: exchange.request.headers,
          outgoing: exchange.outgoing.applyTo(exchange.request.headers),
          principal: exchange.principal,
          route: exchange.route,
        }),
      ),
    ),
};

/** Serves a gateway, or stages with `answer` behind them, on a free port until the test ends; gives the port. */
export async function serve(t: TestContext, served: Gateway | readonly Stage[]): Promise<number> {
  const gateway = "handle" in served ? served : createGateway([...served, answer]);
  const server = createServer((request, response) => gateway.handle(request, response));
  server.on("upgrade", (request, socket, head) => gateway.upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Sends one request through a gateway, or through stages with `answer` behind them. */
export async function request(
  t: TestContext,
  served: Gateway | readonly Stage[],
  { path = "/", ...asked }: Asked & { readonly path?: string } = {},
): Promise<Answer> {
  return ask(await serve(t, served), path, asked);
}

/** Sends bytes as they are, and gives all that comes back until the other end closes or falls silent. */
export async function rawRequest(t: TestContext, served: Gateway | readonly Stage[], bytes: string): Promise<string> {
  const socket = connect(await serve(t, served), "127.0.0.1");
  socket.write(bytes, "latin1");
  let text = "";
  let silent = 0;
  socket.on("data", (chunk) => {
    text += String(chunk);
    silent = 0;
  });
  // Thirty turns, and not 300 ms: a process that was kept from running has heard nothing, and that is no silence.
  const listening = setInterval(() => ++silent > 30 && socket.destroy(), 10);
  // Unlike an iterator of the socket, this takes our own hanging up for an end like any other.
  await once(socket, "close");
  clearInterval(listening);
  return text;
}

/** What a stage did to an exchange that never touched a socket. */
export interface Tried {
  readonly exchange: Exchange;
  readonly sent: { status: number; headers: HeaderList; body: string }[];
}

/** An exchange without a socket, past hygiene, for the test of one stage. */
export function exchangeOf(
  parts: Partial<RequestParts> & { path?: string; host?: string; transport?: Transport } = {},
): Tried {
  const { path = "/", host = "example.test", transport = { kind: "none" }, ...rest } = parts;
  const view = new RequestView({
    method: "GET",
    target: path,
    protocol: "1.1",
    peer: { address: "192.0.2.1", port: 40000 },
    rawHeaders: [],
    ...rest,
  });
  const mark = path.indexOf("?");
  view.path = mark < 0 ? path : path.slice(0, mark);
  view.query = mark < 0 ? "" : path.slice(mark);
  view.host = host;
  view.headers = view.rawHeaders.map((part, index) => (index % 2 === 0 ? part.toLowerCase() : part));
  const sent: Tried["sent"] = [];
  const added: string[] = [];
  const reply: Reply = {
    get status() {
      return sent[0]?.status ?? 0;
    },
    get started() {
      return sent.length > 0;
    },
    gone: false,
    bytes: 0,
    added,
    add: (name, value) => void added.push(name, value),
    set: (name, value) => setValue(added, name, value),
    edits: new HeaderEdits(),
    send: (status, headers, body) => void sent.push({ status, headers: [...added, ...headers], body }),
    start: (status, headers) => void sent.push({ status, headers: [...added, ...headers], body: "" }),
    write: (chunk) => ((sent[0]!.body += Buffer.from(chunk).toString()), true),
    onDrain: () => {},
    end: () => {},
    destroy: () => {},
  };
  const record = new RequestRecord();
  record.id = "test-request";
  const exchange = new Exchange({ request: view, reply, record, transport, fail: writeProblem });
  return { exchange, sent };
}
