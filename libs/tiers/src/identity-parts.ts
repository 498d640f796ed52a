import type { CacheReading } from "@tandem/identity/cache-reading";
import { openApiKeys } from "@tandem/identity/api-keys/open-api-keys";
import { jwtKind } from "@tandem/identity/authenticate/jwt-strategy";
import { certificateKind } from "@tandem/identity/certificates/certificate-kind";
import { dpopProofs } from "@tandem/identity/dpop/dpop-proofs";
import { openIssuers } from "@tandem/identity/issuers/open-issuers";
import { opaqueKinds } from "@tandem/identity/opaque/opaque-kind";
import { openRevocations } from "@tandem/identity/revocation/open-revocations";
import { revocationSections } from "@tandem/identity/revocation/revocation-sections";
import { systemClock } from "@tandem/platform/clock";
import type { Store } from "@tandem/platform/store/store";
import type { SecurityConfig } from "./config.ts";
import { watchApiKeys, watchRevocations } from "./watch-identity.ts";
import type { Watching } from "./watching.ts";

/** Opens what tells who calls: issuers, every kind of credential that is accepted, and what was taken back. */
export async function openIdentityParts(security: SecurityConfig, store: Store, watching: Watching) {
  const { logger } = watching;
  const clock = systemClock;
  await using opened = new AsyncDisposableStack();
  const isShared = security.store.type === "redis";
  const revocations = await openRevocations(security.revocation, { store, isShared, logger });
  opened.defer(() => revocations.close());
  watchRevocations(watching, () => revocations.stats);
  const issuers = await openIssuers(security.issuers, { logger });
  opened.defer(() => issuers.close());
  const apiKeys = security.apiKeys && openApiKeys(security.apiKeys, { store, logger, revocations });
  if (apiKeys) {
    opened.defer(() => apiKeys.close());
    watchApiKeys(watching, () => apiKeys.failures);
  }
  const { certificates: rules } = security;
  const kinds = [
    jwtKind({ issuers, clock }),
    ...opaqueKinds(security.issuers, { store, clock, logger }),
    ...(rules.length > 0 ? [certificateKind({ rules, clock })] : []),
    ...(apiKeys ? [apiKeys.kind] : []),
  ];
  const own = issuers.embedded?.options.issuer;
  const proofs = dpopProofs({
    options: security.dpop,
    store,
    hosts: own === undefined ? undefined : [new URL(own).host],
  });
  const caches: CacheReading[] = [];
  const closing = opened.move();
  return {
    revocations,
    tokenEndpoints: issuers.embedded ? [{ issuer: issuers.embedded, store, kinds, revocations, proofs, logger }] : [],
    authenticate: { kinds, conditions: [revocations.condition], proofs: proofs.condition, caches },
    caches,
    signing: { tokens: issuers.embedded?.keys },
    sections: [
      ...revocationSections({ revocations, keep: security.revocation.keep, clock, logger }),
      ...(apiKeys?.sections ?? []),
    ],
    close: () => closing.disposeAsync(),
  } as const;
}
