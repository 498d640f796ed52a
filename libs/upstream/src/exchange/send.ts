import { GatewayError } from "@tandem/contracts/errors";
import type { Exchange } from "@tandem/kernel/exchange";
import type { RequestView } from "@tandem/kernel/request-view";
import type { Instance } from "../pool/instance.ts";
import type { Nobody } from "../pool/pool.ts";
import type { Hop } from "./hop.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import { Sending } from "./sending.ts";

/** Sends an ordinary request to the hop and passes an answer on; all that follows happens in callbacks. */
export function send(exchange: Exchange, hop: Hop): void | Promise<void> {
  const sending = new Sending(exchange, hop);
  if (exchange.request.body && isReplayable(exchange.request, hop.retry)) return sendHeld(sending);
  sending.start(firstOf(exchange, hop));
}

/** The instance to try first; without one the client is told when to come back. */
export function firstOf(exchange: Exchange, hop: Hop): Instance {
  const picked = hop.pool.pick(exchange, none);
  if (typeof picked === "string") throw nobodyAt(hop, picked);
  hop.sessions?.keepBack(exchange);
  return picked;
}

/** What the client is told when there is nobody to send to. */
export function nobodyAt({ pool, codes }: Hop, why: Nobody): GatewayError {
  const seconds = why === "breaker-open" ? Math.ceil(pool.restsFor / 1000) : 1;
  return new GatewayError(codes.nobody[why], { headers: { "retry-after": String(Math.max(1, seconds)) } });
}

const none: readonly Instance[] = [];

/** Sends a body only once all of it is here, so that it can be sent again. */
async function sendHeld(sending: Sending): Promise<void> {
  const { exchange, hop } = sending;
  await sending.hold();
  if (!exchange.over) sending.start(firstOf(exchange, hop));
}

/** Chunks may never end, so that only a body of declared length waits to be whole. */
function isReplayable(request: RequestView, { attempts, methods, bodyLimit }: RetryPolicy): boolean {
  if (attempts === 1 || bodyLimit === 0 || !methods.has(request.method)) return false;
  const length = request.header("content-length");
  return length !== undefined && Number(length) <= bodyLimit;
}
