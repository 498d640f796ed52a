import { openSigningKeys } from "@tandem/identity/keys/signing-keys";
import { openStore } from "@tandem/platform/store/open-store";
import { loadKeyPair } from "@tandem/platform/tls/load-tls";
import { balances } from "@tandem/upstream/balance/config";
import { loadClientTls } from "@tandem/upstream/connections/client-tls";
import { dispatchersFor } from "@tandem/upstream/connections/connection-fields";
import { createPool } from "@tandem/upstream/pool/pool";
import { gatewayRules } from "@tandem/upstream/pool/rules";
import { openDiscoveries } from "./discoveries.ts";
import { scheduleRotations, securityRotations } from "./key-rotations.ts";
import { openIdentityParts } from "./identity-parts.ts";
import type { ConfigOf } from "./load.ts";
import type { Watching } from "./watching.ts";

/** What the stages of the security tier work with, opened once per generation. */
export type SecurityParts = Awaited<ReturnType<typeof openSecurityParts>>;

/** Opens it: the store, what tells who calls, the keys of the assertion, and the way to the routing gateways. When one cannot be opened, the others are closed. */
export async function openSecurityParts(
  { security, consul, snapshots, traces }: ConfigOf<"security">,
  watching: Watching,
) {
  const { ids, logger } = watching;
  const { routingTier } = security;
  const tls = routingTier.tls && loadClientTls(routingTier.tls);
  // Our assertions are bound to the certificate that we show to the routing tier.
  const pair = routingTier.tls && loadKeyPair(routingTier.tls);
  await using opened = new AsyncDisposableStack();
  const store = await openStore(security.store, { logger });
  opened.defer(() => store.close());
  const identity = await openIdentityParts(security, store, watching);
  opened.defer(() => identity.close());
  const keys = await openSigningKeys(security.assertion.keys, { algorithm: "EdDSA", logger });
  opened.defer(() => keys.close());
  const rotations = scheduleRotations(securityRotations(security), logger);
  opened.defer(() => rotations.close());
  const discoveries = openDiscoveries({ consul, snapshots, logger: logger.child({ part: "discovery" }) });
  opened.defer(() => discoveries.close());
  const pool = createPool({
    name: "routing-gateway",
    service: routingTier.discovery === "consul" ? routingTier.service : undefined,
    discovery: discoveries.of(routingTier),
    balance: balances["round-robin"](),
    // Where mutual TLS is the rule, an assertion never goes to an address without it, whoever registered that.
    accepts: ({ origin }) => !tls || origin.startsWith("https:"),
    // A service's answer must not be refused here for what the routing tier lets through.
    dispatcherFor: dispatchersFor(routingTier, { tls, maxHead: 65_536 }),
    rules: gatewayRules,
    tls,
    logger: logger.child({ part: "pool" }),
  });
  opened.defer(() => pool.close());
  const closing = opened.move();
  return {
    pool,
    store,
    hygiene: { from: "strangers", limits: security.listen.limits, ...security.hygiene },
    bodyLimit: security.bodyLimit,
    tokenEndpoints: identity.tokenEndpoints,
    authenticate: identity.authenticate,
    debugTrace: traces.debug,
    assert: {
      keys,
      holder: pair?.thumbprint,
      carryCredential: security.assertion.carryCredential,
      caches: identity.caches,
    },
    caches: identity.caches,
    signing: { assertions: keys, ...identity.signing },
    certificates: pair ? [{ name: "routing-gateway", at: pair.notAfter.getTime() }] : [],
    forward: { pool, options: routingTier, tls, ids },
    observed: {
      ...watching,
      from: "strangers",
      traceContext: security.traceContext,
      traces,
    },
    revocations: identity.revocations,
    sections: identity.sections,
    close: () => closing.disposeAsync(),
  } as const;
}
