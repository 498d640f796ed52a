import type { Exchange } from "@tandem/kernel/exchange";
import type { Hop } from "../exchange/hop.ts";
import { send } from "../exchange/send.ts";
import type { Upgrades } from "./upgrades.ts";

/** Sends a request to its next hop, in whichever of the two ways it asks for. */
export function passOn(exchange: Exchange, hop: Hop, upgrades: Upgrades): void | Promise<void> {
  return exchange.request.upgrade ? upgrades.open(exchange, hop) : send(exchange, hop);
}
