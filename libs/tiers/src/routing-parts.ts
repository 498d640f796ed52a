import type { CacheReading } from "@tandem/identity/cache-reading";
import { openPublicKeys } from "@tandem/identity/keys/public-keys";
import { openSigningKeys } from "@tandem/identity/keys/signing-keys";
import { ServiceTokens } from "@tandem/identity/upstream-identity/service-tokens";
import { HeldBytes } from "@tandem/kernel/held-bytes";
import { compileSamples } from "@tandem/observe/route-sampling/config";
import { compileAccess } from "@tandem/policy/authorize/compile-access";
import { loadKeyPair } from "@tandem/platform/tls/load-tls";
import { openMirrors } from "@tandem/upstream/mirror/open-mirrors";
import { createHops } from "@tandem/upstream/proxy/hops";
import { compileRedirects } from "@tandem/upstream/redirect/redirects";
import { compileRewrites } from "@tandem/upstream/rewrite/rewrites";
import { createRouteTable } from "@tandem/upstream/routes/route-table";
import { openService, type OpenService } from "@tandem/upstream/services/open-service";
import { compileSplits } from "@tandem/upstream/split/splits";
import { openDiscoveries } from "./discoveries.ts";
import { routingRotations, scheduleRotations } from "./key-rotations.ts";
import type { ConfigOf } from "./load.ts";
import { routingHygiene } from "./routing-hygiene.ts";
import type { Watching } from "./watching.ts";

/** What the stages of the routing tier work with, opened once per generation. */
export type RoutingParts = Awaited<ReturnType<typeof openRoutingParts>>;

/** Opens it: the public keys of the security tier, the route table, and a pool for each service. When one cannot be opened, the others are closed. */
export async function openRoutingParts(
  { routing, consul, snapshots, traces }: ConfigOf<"routing">,
  watching: Watching,
) {
  const { ids, logger } = watching;
  const routes = createRouteTable(routing.routes);
  await using opened = new AsyncDisposableStack();
  const keys = await openPublicKeys(routing.assertion.keys, { algorithm: "EdDSA", logger });
  opened.defer(() => keys.close());
  const signing = routing.serviceTokens;
  const serviceKeys = signing && (await openSigningKeys(signing.keys, { algorithm: "ES256", logger }));
  opened.defer(() => serviceKeys?.close());
  const rotations = scheduleRotations(routingRotations(routing), logger);
  opened.defer(() => rotations.close());
  const discoveries = openDiscoveries({ consul, snapshots, logger: logger.child({ part: "discovery" }) });
  opened.defer(() => discoveries.close());
  const services = new Map<string, OpenService>();
  const pools = () => [...services.values()].map(({ pool }) => pool);
  opened.defer(async () => void (await Promise.all(pools().map((pool) => pool.close()))));
  for (const [name, options] of Object.entries(routing.services))
    services.set(
      name,
      openService(name, options, {
        discovery: discoveries.of(options),
        zone: routing.zone,
        logger: logger.child({ part: "pool" }),
      }),
    );
  const hops = createHops(services, ids);
  const mirrors = openMirrors(routing.routes, { hops });
  opened.defer(() => mirrors.close());
  const caches: CacheReading[] = [];
  const closing = opened.move();
  return {
    pools: pools(),
    consul: discoveries.consul,
    hygiene: routingHygiene(routing),
    heldBytes: new HeldBytes(routing.heldBodies),
    acceptAssertion: { keys, caches },
    caches,
    certificates: certificatesOf(routing.services),
    routes,
    samples: compileSamples(routing.routes),
    authorize: { plans: compileAccess(routing.routes, routing.policies) },
    serviceKeys,
    upstreamIdentity: {
      tokens:
        signing &&
        serviceKeys &&
        new ServiceTokens({ options: signing, keys: serviceKeys, newId: () => ids.requestId() }),
    },
    redirects: compileRedirects(routing.routes),
    rewrites: compileRewrites(routing.routes),
    splits: compileSplits(routing.routes),
    mirrors,
    proxy: { hops },
    observed: { ...watching, from: "security-tier", traces },
    close: () => closing.disposeAsync(),
  } as const;
}

/** What we prove ourselves with to services, and when that ends. */
const certificatesOf = (services: ConfigOf<"routing">["routing"]["services"]) =>
  Object.entries(services).flatMap(([name, { tls: { certificate, key } = {} }]) =>
    certificate === undefined || key === undefined
      ? []
      : [{ name: `service ${name}`, at: loadKeyPair({ certificate, key }).notAfter.getTime() }],
  );
