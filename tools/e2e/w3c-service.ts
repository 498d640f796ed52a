import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** What the harness asks to be called, and with what. */
interface Call {
  readonly url: string;
  readonly arguments: unknown;
}

/** The service behind the gateways: it does the calls that the harness asks for, with the trace context it was given. */
export class CallingService {
  readonly #server: Server;
  /** The last words with which a security tier vouched for a caller. */
  vouched: readonly string[] = [];

  constructor(port: number) {
    this.#server = createServer((asked, answer) => {
      this.#serve(asked, answer).catch((error: unknown) => answer.writeHead(500).end(String(error)));
    }).listen(port, "127.0.0.1");
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    this.vouched = pairsOf(asked.rawHeaders, (name) => name === "tandem-assertion" || name === "tandem-client");
    const body = Buffer.concat(await asked.toArray());
    const calls = body.length === 0 ? [] : (JSON.parse(String(body)) as readonly Call[]);
    const context = pairsOf(asked.rawHeaders, (name) => name === "traceparent" || name === "tracestate");
    // Whoever calls several times has as many spans: all but one of them are minted here, where no gateway is in between.
    const contexts = calls.map((_, index) => (index === 0 ? context : withOtherSpan(context)));
    await Promise.all(calls.map((call, index) => post(call, contexts[index]!)));
    answer.writeHead(200, { "content-type": "application/json" }).end("{}");
  }
}

function pairsOf(rawHeaders: readonly string[], wanted: (name: string) => boolean): string[] {
  const pairs: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (wanted(rawHeaders[index]!.toLowerCase())) pairs.push(rawHeaders[index]!, rawHeaders[index + 1]!);
  return pairs;
}

const withOtherSpan = (context: readonly string[]): string[] =>
  context.map((text, index) =>
    context[index - 1]?.toLowerCase() === "traceparent"
      ? text.replace(/^(\w+-\w+)-\w+/, `$1-${randomBytes(8).toString("hex")}`)
      : text,
  );

async function post({ url, arguments: told }: Call, context: readonly string[]): Promise<void> {
  const { host } = new URL(url);
  const text = JSON.stringify(told);
  const headers = ["host", host, "content-type", "application/json", "content-length", String(text.length), ...context];
  const [answer] = (await once(request(url, { method: "POST", headers, agent: false }).end(text), "response")) as [
    IncomingMessage,
  ];
  await answer.resume().toArray();
}

interface Front {
  /** Where it listens, and where it sends everything. */
  readonly port: number;
  readonly to: number;
  /** What it adds to each request. */
  readonly vouch: () => Promise<readonly string[]>;
}

/** Stands where a security tier would: passes requests on as they are, every line of them, and vouches for the caller. */
export function startFront({ port, to, vouch }: Front): Server {
  const pass = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const headers = [...asked.rawHeaders, ...(await vouch())];
    const { method, url: path } = asked;
    const onward = request({ host: "127.0.0.1", port: to, method, path, headers, agent: false });
    asked.pipe(onward);
    const [told] = (await once(onward, "response")) as [IncomingMessage];
    answer.writeHead(told.statusCode ?? 502, told.headers);
    told.pipe(answer);
  };
  return createServer((asked, answer) => {
    pass(asked, answer).catch((error: unknown) => answer.writeHead(502).end(String(error)));
  }).listen(port, "127.0.0.1");
}
