import type { Logger } from "@tandem/platform/log/logger";
import type {
  ConsulOptions,
  ConsulServiceOptions,
  DiscoveryOptions,
  SnapshotsOptions,
} from "@tandem/upstream/discovery/config";
import { createConsulClient, type ConsulClient } from "@tandem/upstream/discovery/consul-client";
import { consulDiscovery } from "@tandem/upstream/discovery/consul-discovery";
import type { Discovery, Source } from "@tandem/upstream/discovery/discovery";
import { dnsDiscovery } from "@tandem/upstream/discovery/dns/dns-discovery";
import { failover } from "@tandem/upstream/discovery/failover";
import { remembered } from "@tandem/upstream/discovery/remembered";
import { shared } from "@tandem/upstream/discovery/shared";
import { openSnapshots } from "@tandem/upstream/discovery/snapshots";
import { staticDiscovery } from "@tandem/upstream/discovery/static-discovery";
import { subset } from "@tandem/upstream/discovery/subset";
import { loadClientTls } from "@tandem/upstream/connections/client-tls";

/** The sources of discovery of one process: however many services ask Consul, one client does. */
export interface Discoveries {
  readonly consul: ConsulClient;
  of(options: DiscoveryOptions): Discovery;
  /** Once all watches are closed: waits for what they still write. */
  close(): Promise<void>;
}

interface DiscoveryParts {
  readonly consul: ConsulOptions;
  readonly snapshots: SnapshotsOptions | undefined;
  readonly logger: Logger;
}

/** Opens them; nobody hears anything before somebody asks. */
export function openDiscoveries({ consul: asked, snapshots, logger }: DiscoveryParts): Discoveries {
  const { address, token, tls, wait, grace, emptyGrace } = asked;
  const consul = createConsulClient(address, { token, tls: tls && loadClientTls(tls) });
  const kept = snapshots && openSnapshots({ ...snapshots, logger });
  const remember = (discovery: Source, source: string): Discovery =>
    kept ? remembered(discovery, { source, snapshots: kept, logger }) : discovery;

  const registries = new Map<string | undefined, Discovery>();
  const registryOf = (datacenter?: string): Discovery => {
    const known = registries.get(datacenter);
    if (known) return known;
    const discovery = consulDiscovery(consul, { logger, datacenter, wait, grace, emptyGrace });
    const registry = shared(remember(discovery, `consul ${address} ${datacenter ?? ""}`));
    registries.set(datacenter, registry);
    return registry;
  };

  const inConsul = ({ datacenters = [], tags, meta }: ConsulServiceOptions): Discovery => {
    const chosen = (datacenter?: string): Discovery => {
      const registry = registryOf(datacenter);
      return tags || meta ? subset(registry, { tags, meta }) : registry;
    };
    if (datacenters.length < 2) return chosen(datacenters[0]);
    return failover(
      datacenters.map((name) => ({ name, discovery: chosen(name) })),
      { logger },
    );
  };

  return {
    consul,
    of(options) {
      if (options.discovery === "static") return staticDiscovery(options.instances);
      if (options.discovery === "consul") return inConsul(options);
      const { name, type, scheme, family, servers } = options;
      const source = JSON.stringify(["dns", name, scheme, family, servers, type === "a" ? options.port : type]);
      return remember(dnsDiscovery(options, { logger }), source);
    },
    async close() {
      consul.close();
      await kept?.settle();
    },
  };
}
