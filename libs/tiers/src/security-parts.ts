import { openIssuers } from "@tandem/identity/issuers/open-issuers";
import { openSigningKeys } from "@tandem/identity/keys/signing-keys";
import { openStore } from "@tandem/platform/store/open-store";
import { readKeyPair, type KeyPairFiles } from "@tandem/platform/tls/key-pair";
import { balances } from "@tandem/upstream/balance/config";
import { loadClientTls } from "@tandem/upstream/exchange/client-tls";
import { dispatchersFor } from "@tandem/upstream/exchange/connection-fields";
import { createPool } from "@tandem/upstream/pool/pool";
import { openDiscoveries } from "./discoveries.ts";
import type { ConfigOf } from "./load.ts";
import type { Watching } from "./watching.ts";

/** What the stages of the security tier work with, opened once per generation. */
export type SecurityParts = Awaited<ReturnType<typeof openSecurityParts>>;

/** Opens it: keys and issuers, the store, and the way to the routing gateways. */
export async function openSecurityParts({ security, consul, traces }: ConfigOf<"security">, watching: Watching) {
  const { ids, logger } = watching;
  const { routingTier } = security;
  const tls = routingTier.tls && loadClientTls(routingTier.tls);
  const store = await openStore(security.store, { logger });
  const issuers = await openIssuers(security.issuers, { logger });
  const keys = await openSigningKeys(security.assertion.keys, { algorithm: "EdDSA", logger });
  const discoveries = openDiscoveries(consul, logger.child({ part: "discovery" }));
  const pool = createPool({
    name: "routing-gateway",
    service: routingTier.discovery === "consul" ? routingTier.service : undefined,
    discovery: discoveries.of(routingTier),
    balance: balances["round-robin"](),
    // Where mutual TLS is the rule, an assertion never goes to an address without it, whoever registered that.
    accepts: ({ origin }) => !tls || origin.startsWith("https:"),
    // A service's answer must not be refused here for what the routing tier lets through.
    dispatcherFor: dispatchersFor(routingTier, { tls, maxHead: 65_536 }),
  });
  return {
    pool,
    store,
    hygiene: { from: "strangers", limits: security.listen.limits, ...security.hygiene },
    bodyLimit: security.bodyLimit,
    tokenEndpoints: issuers.embedded ? [{ issuer: issuers.embedded, store, logger }] : [],
    authenticate: { issuers },
    assert: { keys, holder: routingTier.tls && holderOf(routingTier.tls) },
    forward: { pool, options: routingTier, tls, ids },
    observed: { ...watching, from: "strangers", traces, lines: logger, brief: logger.isPretty },
    async close() {
      await pool.close();
      discoveries.close();
      issuers.close();
      keys.close();
      await store.close();
    },
  } as const;
}

/** The certificate that our assertions are bound to: the one that we show to the routing tier. */
function holderOf(files: KeyPairFiles): string {
  const read = readKeyPair(files);
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join("; "));
  return read.pair.thumbprint;
}
