import type { Exchange } from "@tandem/kernel/exchange";
import type { Instance } from "../pool/instance.ts";

/**
 * Chooses the instance of one attempt, none of those tried before; undefined when all were. Synchronous, and it only
 * looks up what was laid out before.
 */
export interface Choose {
  (exchange: Exchange, tried: readonly Instance[]): Instance | undefined;
  /** Whom it would choose for a first attempt at this moment; nothing comes any nearer to its turn by that. */
  readonly foresee: (exchange: Exchange) => Foreseen;
}

/** Who would be chosen, and why. */
export interface Foreseen {
  readonly because: string;
  /** The one, or those among whom a lot decides. */
  readonly instances: readonly Instance[];
}

/**
 * A way of spreading requests. It is called once for each healthy list, never for an empty one and never per request, and
 * keeps its state in what it returns. Who is healthy is the pool's business; a balancer sees no one else.
 */
export type Balance = (instances: readonly Instance[]) => Choose;
