import type { Stage } from "@tandem/kernel/stage";
import { locationOf, type Redirect } from "./redirects.ts";

/** Answers for the routes that lead elsewhere. It stands behind `authorize`: where a route leads is for those who may take it. */
export function redirect(redirects: ReadonlyMap<string, Redirect>): Stage {
  return {
    name: "redirect",
    idle: redirects.size === 0,
    run(exchange) {
      const { route, request } = exchange;
      const known = route && redirects.get(route.name);
      if (!known) return;
      const { path, query, scheme } = request;
      const location = locationOf(known, { path, query, scheme, pattern: exchange.pattern?.text ?? "" });
      return exchange.act("redirect", () => exchange.reply.send(known.status, ["location", location], ""));
    },
  };
}
