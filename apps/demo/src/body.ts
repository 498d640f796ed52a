import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

/** A request body, as far as it was kept. */
export interface Body {
  readonly bytes: Buffer;
  /** Of all that came, kept or not. */
  readonly length: number;
}

/** Reads a body to its end, but keeps no more of it than `most` bytes. */
export async function readBody(request: IncomingMessage, most: number): Promise<Body> {
  const kept: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    if (length < most) kept.push(chunk.subarray(0, most - length));
    length += chunk.length;
  }
  return { bytes: Buffer.concat(kept), length };
}

/** Reads a JSON body that may hold `most` bytes. */
export async function readJson(request: IncomingMessage, most: number): Promise<unknown> {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Refusal(415, "the body has to be application/json");
  const { bytes, length } = await readBody(request, most);
  if (length > most) throw new Refusal(413, `the body may hold ${most} bytes`);
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new Refusal(400, "the body is not valid JSON");
  }
}
