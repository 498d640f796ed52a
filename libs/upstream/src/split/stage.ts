import type { Stage } from "@tandem/kernel/stage";
import type { ChooseService } from "./splits.ts";

/** Chooses the service of a request whose route is shared out among several. */
export function split(splits: ReadonlyMap<string, ChooseService>): Stage {
  return {
    name: "split",
    idle: splits.size === 0,
    run(exchange) {
      const choose = exchange.route && splits.get(exchange.route.name);
      if (!choose) return;
      exchange.service = exchange.transport.kind === "dry" ? choose.foresee(exchange).service : choose(exchange);
    },
    explain: (exchange) => exchange.route && splits.get(exchange.route.name)?.foresee(exchange),
  };
}
