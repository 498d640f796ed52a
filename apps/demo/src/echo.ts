import { setTimeout as pause } from "node:timers/promises";
import { answerJson } from "./answer.ts";
import { readBody } from "./body.ts";
import { echoSocket } from "./echo-socket.ts";
import { headersOf } from "./headers-of.ts";
import { Refusal } from "./refusal.ts";
import type { Call, Service } from "./service.ts";

const bodyKept = 64 * 1024;

/** Shows what came through the gateway, and misbehaves on request. */
export const echo: Service = {
  name: "echo",
  routes: {
    "/echo/slow": { "*": slow },
    "/echo/status": { "*": status },
    "/echo/stream": { GET: stream },
    "/echo/**": { "*": (call) => show(call, 200) },
  },
  sockets: { "/echo/ws": echoSocket },
};

async function show({ instance, path, query, request, response }: Call, code: number): Promise<void> {
  const { bytes, length } = await readBody(request, bodyKept);
  const value = {
    instance,
    method: request.method,
    path,
    query,
    headers: headersOf(request.rawHeaders),
    body: bytes.toString(),
    bodyLength: length,
  };
  answerJson(response, code, { value });
}

/** `/echo/slow?ms=` */
async function slow(call: Call): Promise<void> {
  const ms = numberIn(call.query, "ms", { least: 0, most: 120_000, usual: 1000 });
  await pauseWhileWanted(call, ms);
  if (!call.response.destroyed) await show(call, 200);
}

/** `/echo/status?code=` */
async function status(call: Call): Promise<void> {
  const code = numberIn(call.query, "code", { least: 200, most: 599, usual: 200 });
  if (code !== 204 && code !== 205 && code !== 304) return show(call, code);
  await readBody(call.request, 0);
  call.response.writeHead(code).end();
}

/** `/echo/stream?chunks=&ms=`: server-sent events for whom accepts them, lines of text for others. */
async function stream(call: Call): Promise<void> {
  const { instance, query, request, response } = call;
  const chunks = numberIn(query, "chunks", { least: 1, most: 10_000, usual: 5 });
  const ms = numberIn(query, "ms", { least: 0, most: 60_000, usual: 200 });
  const events = (request.headers.accept ?? "").includes("text/event-stream");
  response.writeHead(200, {
    "content-type": events ? "text/event-stream" : "text/plain; charset=utf-8",
    "cache-control": "no-store",
  });
  response.flushHeaders();
  for (let number = 1; number <= chunks && !response.destroyed; number++) {
    const line = `${number} of ${chunks} from ${instance}`;
    const taken = response.write(events ? `id: ${number}\ndata: ${line}\n\n` : `${line}\n`);
    if (!taken) await new Promise<void>((resolve) => void response.once("drain", resolve).once("close", resolve));
    if (number < chunks) await pauseWhileWanted(call, ms);
  }
  response.end();
}

/** Waits, but not for a client that has left. */
async function pauseWhileWanted({ response }: Call, ms: number): Promise<void> {
  const left = new AbortController();
  const leave = (): void => left.abort();
  response.once("close", leave);
  if (response.destroyed) leave();
  // Cut short is the wish here, not a failure: whoever waits looks at the response next.
  await pause(ms, undefined, { signal: left.signal }).catch(() => {});
  response.off("close", leave);
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly usual: number;
}

function numberIn(query: string, name: string, { least, most, usual }: Range): number {
  const text = new URLSearchParams(query).get(name);
  if (text === null) return usual;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) throw new Refusal(400, `${name} is a number from ${least} to ${most}`);
  return value;
}
