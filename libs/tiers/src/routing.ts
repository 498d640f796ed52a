import { createGateway, type Gateway, type Observed } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { acceptAssertion } from "@tandem/identity/assertion/stage";
import { upstreamIdentity } from "@tandem/identity/upstream-identity/stage";
import { observed } from "@tandem/observe/observed";
import { sampleRoute } from "@tandem/observe/route-sampling/stage";
import { authorize } from "@tandem/policy/authorize/stage";
import { mirror } from "@tandem/upstream/mirror/stage";
import { proxy } from "@tandem/upstream/proxy/stage";
import { redirect } from "@tandem/upstream/redirect/stage";
import { rewrite } from "@tandem/upstream/rewrite/stage";
import { matchRoute } from "@tandem/upstream/routes/stage";
import { split } from "@tandem/upstream/split/stage";
import type { RoutingParts } from "./routing-parts.ts";

/** The whole way of a request through the routing tier, in its order: what, and where. */
export function routingTier(parts: RoutingParts, seenBy: Observed = observed(parts.observed)): Gateway {
  return createGateway(
    [
      hygiene(parts.hygiene),
      acceptAssertion(parts.acceptAssertion),
      matchRoute(parts.routes),
      sampleRoute(parts.samples),
      authorize(parts.authorize),
      redirect(parts.redirects),
      upstreamIdentity(parts.upstreamIdentity),
      rewrite(parts.rewrites),
      split(parts.splits),
      mirror(parts.mirrors.of),
      proxy(parts.proxy),
    ],
    seenBy,
    { heldBytes: parts.heldBytes },
  );
}
