import type { Logger } from "@tandem/platform/log/logger";
import type { ConsulOptions, DiscoveryOptions } from "@tandem/upstream/discovery/config";
import { createConsulClient, type ConsulClient } from "@tandem/upstream/discovery/consul-client";
import { consulDiscovery } from "@tandem/upstream/discovery/consul-discovery";
import type { Discovery } from "@tandem/upstream/discovery/discovery";
import { staticDiscovery } from "@tandem/upstream/discovery/static-discovery";

/** The sources of discovery of one process: however many services ask Consul, one client does. */
export interface Discoveries {
  readonly consul: ConsulClient;
  of(options: DiscoveryOptions): Discovery;
  close(): void;
}

/** Opens them; Consul hears nothing before somebody asks. */
export function openDiscoveries({ address, token, wait, grace }: ConsulOptions, logger: Logger): Discoveries {
  const consul = createConsulClient(address, { token });
  const registry = consulDiscovery(consul, { logger, wait, grace });
  return {
    consul,
    of: (options) => (options.discovery === "consul" ? registry : staticDiscovery(options.instances)),
    close: () => consul.close(),
  };
}
