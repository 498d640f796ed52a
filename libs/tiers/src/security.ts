import { createGateway, type Gateway, type Observed } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { assert } from "@tandem/identity/assertion/stage";
import { authenticate } from "@tandem/identity/authenticate/stage";
import { tokenEndpoints } from "@tandem/identity/token-endpoints/stage";
import { debugTrace } from "@tandem/observe/debug-trace/stage";
import { observed } from "@tandem/observe/observed";
import { bodyLimit } from "@tandem/traffic/body-limit/stage";
import { forward } from "@tandem/upstream/forward/stage";
import type { SecurityParts } from "./security-parts.ts";

/** The whole way of a request through the security tier, in its order: who. */
export function securityTier(parts: SecurityParts, seenBy: Observed = observed(parts.observed)): Gateway {
  return createGateway(
    [
      hygiene(parts.hygiene),
      bodyLimit(parts.bodyLimit),
      ...parts.tokenEndpoints.map(tokenEndpoints),
      authenticate(parts.authenticate),
      debugTrace(parts.debugTrace),
      assert(parts.assert),
      forward(parts.forward),
    ],
    seenBy,
  );
}
