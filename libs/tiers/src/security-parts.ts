import { openApiKeys } from "@tandem/identity/api-keys/open-api-keys";
import { jwtKind } from "@tandem/identity/authenticate/jwt-strategy";
import { certificateKind } from "@tandem/identity/certificates/certificate-kind";
import { dpopProofs } from "@tandem/identity/dpop/dpop-proofs";
import { openIssuers } from "@tandem/identity/issuers/open-issuers";
import { openSigningKeys } from "@tandem/identity/keys/signing-keys";
import { opaqueKinds } from "@tandem/identity/opaque/opaque-kind";
import { openRevocations } from "@tandem/identity/revocation/open-revocations";
import { revocationSections } from "@tandem/identity/revocation/revocation-sections";
import { systemClock } from "@tandem/platform/clock";
import { openStore } from "@tandem/platform/store/open-store";
import { loadKeyPair } from "@tandem/platform/tls/load-tls";
import { balances } from "@tandem/upstream/balance/config";
import { loadClientTls } from "@tandem/upstream/exchange/client-tls";
import { dispatchersFor } from "@tandem/upstream/exchange/connection-fields";
import { createPool } from "@tandem/upstream/pool/pool";
import { openDiscoveries } from "./discoveries.ts";
import type { ConfigOf } from "./load.ts";
import { watchRevocations } from "./watch-revocations.ts";
import type { Watching } from "./watching.ts";

/** What the stages of the security tier work with, opened once per generation. */
export type SecurityParts = Awaited<ReturnType<typeof openSecurityParts>>;

/** Opens it: keys and issuers, the store, and the way to the routing gateways. When one cannot be opened, the others are closed. */
export async function openSecurityParts({ security, consul, traces }: ConfigOf<"security">, watching: Watching) {
  const { ids, logger } = watching;
  const { routingTier } = security;
  const tls = routingTier.tls && loadClientTls(routingTier.tls);
  // Our assertions are bound to the certificate that we show to the routing tier.
  const holder = routingTier.tls && loadKeyPair(routingTier.tls).thumbprint;
  await using opened = new AsyncDisposableStack();
  const store = await openStore(security.store, { logger });
  opened.defer(() => store.close());
  const isShared = security.store.type === "redis";
  const revocations = await openRevocations(security.revocation, { store, isShared, logger });
  opened.defer(() => revocations.close());
  watchRevocations(watching, () => revocations.stats);
  const issuers = await openIssuers(security.issuers, { logger });
  opened.defer(() => issuers.close());
  const keys = await openSigningKeys(security.assertion.keys, { algorithm: "EdDSA", logger });
  opened.defer(() => keys.close());
  const discoveries = openDiscoveries(consul, logger.child({ part: "discovery" }));
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
  });
  opened.defer(() => pool.close());
  const opaque = opaqueKinds(security.issuers, { store, clock: systemClock, logger });
  const certificates =
    security.certificates.length > 0 ? [certificateKind({ rules: security.certificates, clock: systemClock })] : [];
  const apiKeys = security.apiKeys && openApiKeys(security.apiKeys, { store, logger, revocations });
  if (apiKeys) {
    opened.defer(() => apiKeys.close());
    watching.meters.meter
      .createObservableCounter("tandem_api_key_use_failures", {
        description: "Times that the last use of keys could not be written",
      })
      .addCallback((result) => result.observe(apiKeys.failures, { tier: watching.tier }));
  }
  const proofs = dpopProofs({ options: security.dpop, store });
  const jwt = jwtKind({ issuers, clock: systemClock });
  const kinds = [jwt, ...opaque, ...certificates, ...(apiKeys ? [apiKeys.kind] : [])];
  const closing = opened.move();
  return {
    pool,
    store,
    hygiene: { from: "strangers", limits: security.listen.limits, ...security.hygiene },
    bodyLimit: security.bodyLimit,
    tokenEndpoints: issuers.embedded ? [{ issuer: issuers.embedded, store, kinds, revocations, proofs }] : [],
    authenticate: {
      proofs: proofs.condition,
      kinds,
      conditions: [revocations.condition],
    },
    assert: { keys, holder, carryCredential: security.assertion.carryCredential },
    forward: { pool, options: routingTier, tls, ids },
    observed: { ...watching, from: "strangers", traces, lines: logger, brief: logger.isPretty },
    revocations,
    sections: [
      ...revocationSections({ revocations, keep: security.revocation.keep, clock: systemClock, logger }),
      ...(apiKeys?.sections ?? []),
    ],
    close: () => closing.disposeAsync(),
  } as const;
}
