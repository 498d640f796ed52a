import { GatewayError, problems, type ProblemCode } from "@tandem/contracts/errors";
import type { Exchange } from "./exchange.ts";

/** The body of a problem (RFC 9457): what the client may know, and nothing else. */
export function problemBody(error: GatewayError, requestId: string): string {
  return JSON.stringify({
    type: `urn:tandem:problem:${error.code}`,
    title: problems[error.code].title,
    status: error.status,
    ...(error.detail && { detail: error.detail }),
    requestId,
    ...error.members,
  });
}

/** The headers of an answer with `problemBody`: its type, no caching, and what the error itself has to say. */
export function problemHead(error: GatewayError): string[] {
  const headers = ["content-type", "application/problem+json", "cache-control", "no-store"];
  for (const [name, value] of Object.entries(error.headers)) headers.push(name, value);
  return headers;
}

/** Anything that was thrown, as something that can be answered. */
function gatewayErrorOf(error: unknown): GatewayError {
  return error instanceof GatewayError ? error : new GatewayError("server.error", { cause: error });
}

/** The one writer of errors: answers if an answer can still be given, breaks off if half of one is out. */
export function writeProblem(exchange: Exchange, thrown: unknown): void {
  const { record, reply } = exchange;
  const error = gatewayErrorOf(thrown);
  record.error ??= error.code satisfies ProblemCode;
  record.cause ??= error.cause;
  if (reply.gone) return;
  if (reply.started) {
    record.ending = "broken-off";
    reply.destroy();
    return;
  }
  reply.send(error.status, problemHead(error), problemBody(error, record.id));
}
