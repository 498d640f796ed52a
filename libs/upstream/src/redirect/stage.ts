import type { Exchange } from "@tandem/kernel/exchange";
import type { Stage } from "@tandem/kernel/stage";
import { locationOf, type Redirect } from "./redirects.ts";

/** Answers for the routes that lead elsewhere. It stands behind `authorize`: where a route leads is for those who may take it. */
export function redirect(redirects: ReadonlyMap<string, Redirect>): Stage {
  return {
    name: "redirect",
    idle: redirects.size === 0,
    run(exchange) {
      const known = exchange.route && redirects.get(exchange.route.name);
      if (!known) return;
      const location = leadTo(exchange, known);
      return exchange.act("redirect", () => exchange.reply.send(known.status, ["location", location], ""));
    },
    explain(exchange) {
      const known = exchange.route && redirects.get(exchange.route.name);
      if (!known) return undefined;
      // What a client puts into a query is nobody's business, whoever asks.
      const location = leadTo(exchange, { ...known, keepsQuery: false });
      return { status: known.status, location, query: known.keepsQuery ? "kept" : "dropped" };
    },
  };
}

const leadTo = ({ pattern, request: { path, query, scheme } }: Exchange, known: Redirect): string =>
  locationOf(known, { path, query, scheme, pattern: pattern?.text ?? "" });
