import type { IncomingMessage } from "node:http";
import type { Reply } from "@tandem/kernel/reply";

const lineEnd = Buffer.from("\r\n");
const lastChunk = Buffer.from("0\r\n\r\n");

interface Refusal {
  readonly answer: IncomingMessage;
  /** Those that may be passed on; the list is given away. */
  readonly headers: string[];
}

/** Passes on the answer of a service that refused an upgrade, so that the client sees its 403 and not a 502 of ours. */
export function passAnswer({ answer, headers }: Refusal, reply: Reply, onEnd: (error?: Error) => void): void {
  const status = answer.statusCode ?? 0;
  // Behind a bare socket there is no server that would frame a body whose length is not known.
  const chunked = status !== 204 && status !== 304 && answer.headers["content-length"] === undefined;
  if (chunked) headers.push("transfer-encoding", "chunked");
  reply.start(status, headers);
  answer.on("data", (chunk: Buffer) => {
    if (chunked) reply.write(Buffer.from(`${chunk.length.toString(16)}\r\n`));
    const room = reply.write(chunk);
    if (chunked) reply.write(lineEnd);
    if (!room) answer.pause();
  });
  reply.onDrain(() => answer.resume());
  answer.on("error", onEnd);
  answer.on("end", () => {
    onEnd();
    if (chunked) reply.write(lastChunk);
    reply.end();
  });
}
