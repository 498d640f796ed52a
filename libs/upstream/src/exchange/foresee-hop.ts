import type { Exchange } from "@tandem/kernel/exchange";
import type { PoolView } from "../pool/pool-view.ts";
import type { Nobody } from "../pool/pool.ts";
import type { Hop } from "./hop.ts";
import { targetOf } from "./head.ts";
import { nobodyAt } from "./send.ts";

/** Where a request would go, and what stands between it and an answer. All times are milliseconds; what is not limited is not there. */
export interface HopEvidence {
  readonly service: string;
  /** The path that it is asked for. */
  readonly path: string;
  /** Who gets it, or those among whom a lot decides, or why nobody does. */
  readonly next: { readonly because: string; readonly instances: readonly string[] } | { readonly nobody: Nobody };
  readonly timeouts: Readonly<Record<string, number>>;
  readonly retries: {
    readonly attempts: number;
    readonly methods: readonly string[];
    readonly on: readonly (string | number)[];
  };
  readonly hedgeAfter?: number;
  /** How many more retries and hedges would keep within the budget at this moment. */
  readonly budgetLeft?: number;
  /** Every candidate as it stands, the limit in use, and what discovery goes by. */
  readonly pool: PoolView;
}

/** What keeps a dry run from acting here: what a client would be told at once, because there is nobody to send to. */
export function refuseNobody(exchange: Exchange, hop: Hop): void {
  if (exchange.transport.kind !== "dry") return;
  const foreseen = hop.pool.foresee(exchange);
  if (typeof foreseen === "string") throw nobodyAt(hop, foreseen);
}

/** Tells where a request would go, of what there is at this moment. */
export function foreseeHop(exchange: Exchange, hop: Hop): HopEvidence {
  const { target, pool, timeouts, retry, hedgeAfter, budget } = hop;
  const foreseen = pool.foresee(exchange);
  const [path = ""] = targetOf(exchange).split("?", 1);
  return {
    service: target,
    path,
    next:
      typeof foreseen === "string"
        ? { nobody: foreseen }
        : { because: foreseen.because, instances: foreseen.instances.map(({ id }) => id) },
    timeouts: Object.fromEntries(Object.entries(timeouts).filter(([, time]) => time < Infinity)),
    retries: { attempts: retry.attempts, methods: [...retry.methods], on: [...retry.on] },
    ...(hedgeAfter < Infinity && { hedgeAfter }),
    ...(budget && { budgetLeft: budget.left(performance.now()) }),
    pool: pool.view(),
  };
}
