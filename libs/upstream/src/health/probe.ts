import { request, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { ClientTls } from "../exchange/client-tls.ts";
import { openConnection, untilOpen } from "../upgrade/open-connection.ts";
import type { ProbeOptions } from "./config.ts";
import type { ProbeResult } from "./probe-record.ts";
import { statusesIn } from "./statuses.ts";

/** Asks an instance how it is, on a connection of its own; settles in any case. */
export type Probe = (origin: string, signal: AbortSignal) => Promise<ProbeResult>;

/** More of an answer than this is not read; its status has said everything. */
const mostBody = 64 * 1024;

/** A probe as the service's options describe it. */
export function createProbe(options: ProbeOptions, tls: ClientTls | undefined): Probe {
  if (options.type === "tcp") return knock(options.timeout, tls);
  const expected = statusesIn(options.expect);
  return bounded(options.timeout, tls, async (socket, origin) => {
    const status = await askFor(options, socket, new URL(origin).host);
    return { ok: expected(status), found: `status ${status}` };
  });
}

/** The least that can be asked: whether a connection opens, TLS included. */
export function knock(timeout: number, tls: ClientTls | undefined): Probe {
  return bounded(timeout, tls, async () => ({ ok: true, found: "a connection" }));
}

type HttpProbe = Extract<ProbeOptions, { type: "http" }>;
type Found = Omit<ProbeResult, "took">;

/** Opens a connection, looks, and closes it; whatever hangs ends with the time or with the signal. */
function bounded(
  timeout: number,
  tls: ClientTls | undefined,
  look: (socket: Socket, origin: string) => Promise<Found>,
): Probe {
  return async (origin, signal) => {
    const start = performance.now();
    const ended = (found: Found): ProbeResult => ({ ...found, took: performance.now() - start });
    const socket = openConnection(origin, tls);
    const giveUp = (): void => void socket.destroy(new Error("given up"));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      giveUp();
    }, timeout).unref();
    signal.addEventListener("abort", giveUp);
    try {
      await untilOpen(socket, timeout);
      return ended(await look(socket, origin));
    } catch (error) {
      return ended({ ok: false, found: late ? "no answer in time" : causeOf(error) });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
    }
  };
}

async function askFor({ path, host }: HttpProbe, socket: Socket, address: string): Promise<number> {
  const asked = request({
    createConnection: () => socket,
    path,
    headers: { host: host ?? address, "user-agent": "tandem-probe", connection: "close" },
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on("response", resolve);
    asked.on("error", reject);
    // An answer that switches protocols is neither.
    asked.on("close", () => reject(new Error("no answer to the question")));
    asked.end();
  });
  await readAway(answer);
  return answer.statusCode ?? 0;
}

/** An answer that hangs in its middle is none; one that goes on for ever is enough. */
async function readAway(answer: IncomingMessage): Promise<void> {
  let read = 0;
  for await (const chunk of answer) {
    read += Buffer.byteLength(chunk);
    if (read > mostBody) return;
  }
}

function causeOf(error: unknown): string {
  if (error instanceof Error && "code" in error) return String(error.code);
  return error instanceof Error ? error.message.slice(0, 100) : "failed";
}
