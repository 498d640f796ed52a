import { GatewayError } from "@tandem/contracts/errors";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Instance } from "../pool/instance.ts";
import { Attempt } from "./attempt.ts";
import type { Hop } from "./hop.ts";

/** Sends an ordinary request to one instance of the hop and passes its answer on; all that follows happens in callbacks. */
export function send(exchange: Exchange, hop: Hop): void {
  new Attempt(exchange, hop, { instance: firstOf(exchange, hop), tried: none }).start();
}

/** The instance to try first; without one the client is told when to come back. */
export function firstOf(exchange: Exchange, { pool, codes }: Hop): Instance {
  const picked = pool.pick(exchange, none);
  if (typeof picked === "string") throw new GatewayError(codes.nobody[picked], { headers: { "retry-after": "1" } });
  return picked;
}

const none: readonly Instance[] = [];
