import { isUtf8 } from "node:buffer";
import type { Readable } from "node:stream";
import { GatewayError } from "@tandem/contracts/errors";
import type { Exchange } from "@tandem/kernel/exchange";
import { OAuthError } from "./oauth-error.ts";

/** Bytes. A token request is a few hundred. */
const largest = 8192;

const formType = /^application\/x-www-form-urlencoded *(?:; *charset=utf-8 *)?$/i;

/** The parameters of a token request, by name. Those without a value count as absent (RFC 6749 §3.1). */
export type Form = ReadonlyMap<string, string>;

/** Reads the body of a token request, of which nothing is kept beyond the limit. */
export async function readForm(exchange: Exchange): Promise<Form> {
  const { request } = exchange;
  if (!formType.test(request.header("content-type") ?? ""))
    throw new OAuthError("invalid_request", "the body must be application/x-www-form-urlencoded");
  if (request.header("content-encoding") !== undefined)
    throw new OAuthError("invalid_request", "the body must not be compressed");
  if (Number(request.header("content-length") ?? 0) > largest) throw tooLarge();
  return formOf(request.body ? await readAll(request.body, exchange) : Buffer.alloc(0));
}

/** Takes a form apart. A parameter that stands there twice is refused: which one counts would be a matter of taste. */
export function formOf(body: Buffer): Form {
  if (!isUtf8(body)) throw new OAuthError("invalid_request", "the body is not UTF-8");
  const form = new Map<string, string>();
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(body.toString())) {
    if (seen.has(name)) throw new OAuthError("invalid_request", "a parameter stands there twice");
    seen.add(name);
    if (value !== "") form.set(name, value);
  }
  return form;
}

function readAll(body: Readable, exchange: Exchange): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > largest) stop(tooLarge());
    else chunks.push(chunk);
  };
  const stop = (error?: Error): void => {
    // The stream itself stays open: an answer still has to go out over its connection.
    body.off("data", take).pause();
    reject(isProblem(error) ? error : new GatewayError("request.aborted", { cause: error }));
  };
  // Once we have closed the stream ourselves, it ends as if all had come.
  const finish = (): void => (exchange.over ? stop() : resolve(Buffer.concat(chunks)));
  body.on("data", take).once("end", finish).once("error", stop).once("close", stop);
  return promise;
}

/** Ours, or of a stage that reads along; any other error is the connection's, whose owner has left. */
const isProblem = (error: unknown): boolean => error instanceof OAuthError || error instanceof GatewayError;

const tooLarge = (): OAuthError =>
  new OAuthError("invalid_request", `the body must not be larger than ${largest} bytes`, { status: 413 });
