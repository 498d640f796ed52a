import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeLogs, decodeTraces, type ReceivedLog, type ReceivedSpan } from "./otlp-decoder.testing.ts";

/**
 * How a collector may behave: answer with a status, take a second for it, say nothing, send its answer byte by byte for ever, answer 200 with
 * something else than OTLP, or refuse one of what it is sent.
 */
export type Behaviour = number | "slow" | "silent" | "trickle" | "garbage" | "partial";

/** `partial_success` with `rejected` 1 and the message "too old". */
const partialSuccess = Buffer.from("\u000a\u000b\u0008\u0001\u0012\u0007too old", "latin1");

/** A collector that understands what it is sent. */
export interface OtlpReceiver {
  /** Without a path, as an operator would write it. */
  readonly url: string;
  readonly port: number;
  readonly spans: readonly ReceivedSpan[];
  readonly logs: readonly ReceivedLog[];
  readonly exports: number;
  behave(behaviour: Behaviour): void;
  /** The spans of one trace, as soon as there are as many as expected. */
  traceOf(traceId: string, count: number): Promise<readonly ReceivedSpan[]>;
  /** Whatever `pick` finds, as soon as it finds something. */
  until<T>(pick: (spans: readonly ReceivedSpan[]) => T | undefined, within?: number): Promise<T>;
  close(): Promise<void>;
}

/** Listens on a loopback port as an OTLP/HTTP collector that decodes the protobuf. */
export async function startOtlpReceiver(port = 0): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const logs: ReceivedLog[] = [];
  let exports = 0;
  let behaviour: Behaviour = 200;
  const watchers = new Set<() => void>();

  const answer = (path: string | undefined, type: string | undefined, body: Buffer): number => {
    if (path !== "/v1/traces" && path !== "/v1/logs") return 404;
    if (type !== "application/x-protobuf") return 415;
    try {
      if (path === "/v1/logs") logs.push(...decodeLogs(body));
      else spans.push(...decodeTraces(body));
      return 200;
    } catch {
      return 400;
    }
  };
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    exports++;
    if (behaviour === "slow") await sleep(1_000);
    if (behaviour === "trickle") trickle(response);
    else if (behaviour === "garbage") response.end("<html>Welcome</html>");
    else if (behaviour === "partial") response.end(partialSuccess);
    else if (behaviour === 200 || behaviour === "slow") {
      response.writeHead(answer(request.url, request.headers["content-type"], Buffer.concat(body))).end();
      for (const look of watchers) look();
    } else if (behaviour !== "silent") response.writeHead(behaviour).end();
  };
  const server = createServer((request, response) => void receive(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const address = server.address();
  const bound = typeof address === "object" && address ? address.port : 0;

  const until: OtlpReceiver["until"] = (pick, within = 5000) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pick(spans);
        if (found === undefined) return;
        clearTimeout(timer);
        watchers.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        watchers.delete(look);
        const names = spans.map(({ traceId, name }) => `${traceId} ${name}`);
        reject(new Error(`not received within ${within} ms; received: ${names.join(", ") || "nothing"}`));
      }, within);
      watchers.add(look);
      look();
    });

  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    spans,
    logs,
    get exports() {
      return exports;
    },
    behave(next) {
      behaviour = next;
    },
    until,
    traceOf: (traceId, count) =>
      until((all) => {
        const trace = all.filter((span) => span.traceId === traceId);
        return trace.length >= count ? trace : undefined;
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function trickle(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write("."), 20);
  response.on("close", () => clearInterval(timer));
}
