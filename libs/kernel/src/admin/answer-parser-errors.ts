import { GatewayError } from "@tandem/contracts/errors";
import type { Server, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { closeUnread } from "../listener/close-soon.ts";
import { problemOf } from "../listener/parser-problem.ts";
import { problemBody, problemHead } from "../problem.ts";
import { SocketReply } from "../socket-reply.ts";

/** Has what Node's parser refuses answered with a problem, where no other answer is in the way of that. */
export function answerParserErrors(server: Server, requestId: () => string): void {
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.on("request", ({ socket }, response) => void latest.set(socket, response));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const last = latest.get(socket);
    // An answer is under way, or was given before the body that is now broken; or the connection never said anything.
    const barred = last ? !last.closed || !last.req.complete : !(socket instanceof Socket) || socket.bytesRead === 0;
    const code = problemOf(error);
    if (barred || code === undefined || !socket.writable) {
      socket.destroy();
      return;
    }
    const problem = new GatewayError(code, { cause: error });
    const id = requestId();
    const reply = new SocketReply(socket);
    reply.add("x-request-id", id);
    reply.send(problem.status, problemHead(problem), problemBody(problem, id));
    if (socket instanceof Socket) closeUnread(socket);
  });
}
