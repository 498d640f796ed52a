import { request, type IncomingMessage } from "node:http";
import { connect, type IncomingHttpHeaders } from "node:http2";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";

/** What an instance is asked for. */
export interface Question {
  readonly path: string;
  /** As `Host` and `:authority` have it. */
  readonly host: string;
}

/** What it says, as far as its head. */
export interface Answer {
  readonly status: number;
  readonly body: Readable;
}

/** Asks over HTTP/1.1 on an open connection, which is good for nothing else afterwards. */
export async function askOverHttp1({ path, host }: Question, socket: Socket): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asked = request({
    createConnection: () => socket,
    path,
    headers: { host, "user-agent": "tandem-probe", connection: "close" },
  });
  asked.on("response", resolve);
  asked.on("error", reject);
  // An answer that switches protocols is neither.
  asked.on("close", () => reject(new Error("no answer to the question")));
  asked.end();
  const body = await promise;
  return { status: body.statusCode ?? 0, body };
}

/** The same on a connection that has agreed on HTTP/2. */
export async function askOverHttp2({ path, host }: Question, socket: Socket): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingHttpHeaders & { ":status"?: number }>();
  const session = connect(`https://${host}`, { createConnection: () => socket, settings: { enablePush: false } });
  session.on("error", reject);
  const head = { ":path": path, ":authority": host, "user-agent": "tandem-probe" };
  const body = session.request(head, { endStream: true });
  body.on("response", resolve);
  body.on("error", reject);
  body.on("close", () => reject(new Error("no answer to the question")));
  const { ":status": status = 0 } = await promise;
  return { status, body };
}
