import type { Exchange } from "@tandem/kernel/exchange";
import type { Instance } from "../pool/instance.ts";

/**
 * Chooses the instance of one attempt, none of those tried before; undefined when all were. Synchronous, and it only
 * looks up what was laid out before.
 */
export type Choose = (exchange: Exchange, tried: readonly Instance[]) => Instance | undefined;

/**
 * A way of spreading requests. It is called once for each healthy list, never for an empty one and never per request, and
 * keeps its state in what it returns. Who is healthy is the pool's business; a balancer sees no one else.
 */
export type Balance = (instances: readonly Instance[]) => Choose;
