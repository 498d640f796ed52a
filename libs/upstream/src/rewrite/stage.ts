import type { Stage } from "@tandem/kernel/stage";
import { explainRewrite, makeEdits, rewrittenTarget, type Rewrite } from "./rewrites.ts";

/** Changes what the service is asked and what the client is answered, as the route says; what was decided is decided by what the client asked. */
export function rewrite(rewrites: ReadonlyMap<string, Rewrite>): Stage {
  return {
    name: "rewrite",
    idle: rewrites.size === 0,
    run(exchange) {
      const { route, request, outgoing } = exchange;
      const known = route && rewrites.get(route.name);
      if (!known) return;
      const { path, query } = request;
      const target = rewrittenTarget(known, { path, query, pattern: exchange.pattern?.text ?? "" });
      if (target !== undefined) exchange.target = target;
      if (known.host !== undefined) outgoing.set("host", known.host);
      if (known.prefix !== undefined) outgoing.set("x-forwarded-prefix", known.prefix);
      if (known.requestHeaders.length > 0) makeEdits(outgoing, known.requestHeaders);
      if (known.responseHeaders.length > 0) makeEdits(exchange.reply.edits, known.responseHeaders);
    },
    explain({ route, request, target = request.path }) {
      const known = route && rewrites.get(route.name);
      return known && explainRewrite(known, target);
    },
  };
}
