import type { Exchange } from "@tandem/kernel/exchange";
import type { Foreseen } from "../balance/balance.ts";
import type { Instance } from "./instance.ts";
import type { PooledInstance } from "./pooled-instance.ts";

interface Moment {
  /** Those whose breaker is half open, and who would take part without it. */
  readonly halfOpen: readonly PooledInstance[];
  readonly now: number;
}

/** Whoever a request is to try after its rest; the request is that trial. A tunnel is none: it tells how it went only when it ends. */
export function takeTrial(exchange: Exchange, tried: readonly Instance[], at: Moment): PooledInstance | undefined {
  if (exchange.request.upgrade) return undefined;
  return at.halfOpen.find((instance) => !tried.includes(instance) && instance.breaker?.takeTrial(at.now));
}

/** The same for the next request, of which nothing is taken. */
export function foreseeTrial(exchange: Exchange, { halfOpen, now }: Moment): Foreseen | undefined {
  const trial = exchange.request.upgrade ? undefined : halfOpen.find(({ breaker }) => breaker?.wantsTrial(now));
  return trial && { because: "its breaker is half open, and a request is to try it", instances: [trial] };
}
