import { decideSampling } from "@tandem/kernel/sampling";
import type { Stage } from "@tandem/kernel/stage";
import { isSampled } from "../prelude/trace-ids.ts";

/** Decides once more whether a trace is exported, now that its route is known; the security tier learns of it with the answer. */
export function sampleRoute(samples: ReadonlyMap<string, number>): Stage {
  return {
    name: "sampleRoute",
    idle: samples.size === 0,
    run(exchange) {
      const sample = exchange.route && samples.get(exchange.route.name);
      const { trace } = exchange.record;
      if (sample !== undefined && trace) decideSampling(exchange, isSampled(trace.traceId, sample));
    },
    explain({ route }) {
      const sample = route && samples.get(route.name);
      return sample === undefined ? undefined : { sample };
    },
  };
}
