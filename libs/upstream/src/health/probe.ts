import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { ClientTls } from "../connections/client-tls.ts";
import { speaksHttp2, type Protocol } from "../connections/dispatcher.ts";
import { openConnection, untilOpen } from "../upgrade/open-connection.ts";
import { askOverHttp1, askOverHttp2 } from "./ask-over-http.ts";
import type { ProbeOptions } from "./config.ts";
import type { ProbeResult } from "./probe-record.ts";
import { statusesIn } from "./statuses.ts";

/** Asks an instance how it is, on a connection of its own; settles in any case. */
export type Probe = (origin: string, signal: AbortSignal) => Promise<ProbeResult>;

/** How the instances of a service are spoken to. */
export interface Speech {
  readonly tls: ClientTls | undefined;
  /** Whoever agrees on anything else is not well: no request would get through. */
  readonly protocol: Protocol;
}

/** More of an answer than this is not read; its status has said everything. */
const mostBody = 64 * 1024;

/** A probe as the service's options describe it. */
export function createProbe(options: ProbeOptions, speech: Speech): Probe {
  if (options.type === "tcp") return knock(options.timeout, speech);
  const { path, host, timeout } = options;
  const expected = statusesIn(options.expect);
  const ask = speech.protocol === "h2" ? askOverHttp2 : askOverHttp1;
  return bounded(timeout, speech, async (socket, origin) => {
    const { status, body } = await ask({ path, host: host ?? new URL(origin).host }, socket);
    await readAway(body);
    return { ok: expected(status), found: `status ${status}` };
  });
}

/** The least that can be asked: whether a connection opens, TLS and what is to be spoken included. */
export function knock(timeout: number, speech: Speech): Probe {
  return bounded(timeout, speech, async () => ({ ok: true, found: "a connection" }));
}

type Found = Omit<ProbeResult, "took">;

/** Opens a connection, looks, and closes it; whatever hangs ends with the time or with the signal. */
function bounded(
  timeout: number,
  { tls, protocol }: Speech,
  look: (socket: Socket, origin: string) => Promise<Found>,
): Probe {
  return async (origin, signal) => {
    const start = performance.now();
    const ended = (found: Found): ProbeResult => ({ ...found, took: performance.now() - start });
    const socket = openConnection(origin, tls, { protocol });
    const giveUp = (): void => void socket.destroy(new Error("given up"));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      giveUp();
    }, timeout).unref();
    signal.addEventListener("abort", giveUp);
    try {
      await untilOpen(socket, timeout);
      if (protocol === "h2" && !speaksHttp2(socket)) return ended({ ok: false, found: "no HTTP/2" });
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

/** An answer that hangs in its middle is none; one that goes on for ever is enough. */
async function readAway(body: Readable): Promise<void> {
  let read = 0;
  for await (const chunk of body) {
    read += Buffer.byteLength(chunk);
    if (read > mostBody) return;
  }
  // On HTTP/2 Node ends what was broken off.
  if ("rstCode" in body && body.rstCode !== 0) throw new Error("the answer broke off");
}

function causeOf(error: unknown): string {
  if (error instanceof Error && "code" in error) return String(error.code);
  return error instanceof Error ? error.message.slice(0, 100) : "failed";
}
