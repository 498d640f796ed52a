import type { Readable } from "node:stream";
import { GatewayError } from "@tandem/contracts/errors";
import type { RequestView } from "./request-view.ts";

/**
 * What became of a body that somebody wanted to see whole: there was none, it is in `content`, or it still stands in
 * `body`, unread, because it is too long or because too much is held at this moment (`request.heldBytes`).
 */
export type HeldBody = "none" | "whole" | "too-long" | "no-room";

/**
 * Reads a body of at most `limit` bytes into `request.content`, so that it can be looked at, sent twice or copied. A
 * longer one is left as it was, to be streamed. Whoever asks second is answered at once.
 */
export async function holdBody(request: RequestView, limit: number): Promise<HeldBody> {
  const { body, content } = request;
  if (content) return content.length <= limit ? "whole" : "too-long";
  if (!body) return "none";
  const declared = request.header("content-length");
  if (Number(declared ?? 0) > limit) return "too-long";
  if (!request.heldBytes) return (await read(request, body, limit)) ? "whole" : "too-long";
  // Before the first byte is here, so that those who declare much and send little count too.
  const room = request.heldBytes.reserve(declared === undefined ? limit : Number(declared));
  if (!room) return "no-room";
  request.room = room;
  room.keep();
  let isHeld = false;
  try {
    isHeld = await read(request, body, limit);
  } finally {
    room.release();
    if (!isHeld) request.releaseRoom();
  }
  if (request.content) room.shrink(request.content.length);
  return isHeld ? "whole" : "too-long";
}

async function read(request: RequestView, body: Readable, limit: number): Promise<boolean> {
  const chunks = await readUpTo(body, limit);
  if (!chunks) return false;
  request.content = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  request.body = undefined;
  return true;
}

/** The chunks up to the end; undefined, with all of them put back, where there are more bytes than that. */
function readUpTo(body: Readable, limit: number): Promise<Buffer[] | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer[] | undefined>();
  const chunks: Buffer[] = [];
  let length = 0;
  const take = (): void => {
    for (let chunk: Buffer | null = body.read(); chunk; chunk = body.read()) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) return settle(giveBack);
    }
  };
  const giveBack = (): void => {
    body.unshift(Buffer.concat(chunks, length));
    resolve(undefined);
  };
  const end = (): void => settle(() => resolve(chunks));
  const fail = (error: Error): void =>
    settle(() => reject(error instanceof GatewayError ? error : new GatewayError("request.aborted", { cause: error })));
  const close = (): void => fail(new Error("the body broke off before its end"));
  const settle = (conclude: () => void): void => {
    body.off("readable", take).off("end", end).off("error", fail).off("close", close);
    conclude();
  };
  if (body.destroyed && !body.readableEnded) close();
  else body.on("readable", take).on("end", end).on("error", fail).on("close", close);
  return promise;
}
