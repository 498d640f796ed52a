import { balances } from "../balance/config.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { loadClientTls } from "../exchange/client-tls.ts";
import { dispatchersFor } from "../exchange/connection-fields.ts";
import { createPool, type Pool } from "../pool/pool.ts";
import type { ProxiedService } from "../proxy/hops.ts";
import type { ServiceOptions } from "./config.ts";

/** A service whose instances are being followed. */
export interface OpenService extends ProxiedService {
  readonly pool: Pool;
}

/** Opens a service: its pool, spread and connected to as its options say. Whoever opened it closes the pool. */
export function openService(name: string, options: ServiceOptions, discovery: Discovery): OpenService {
  const tls = options.tls && loadClientTls(options.tls);
  const pool = createPool({
    name,
    service: options.discovery === "consul" ? options.service : undefined,
    discovery,
    balance: balances[options.balance](),
    dispatcherFor: dispatchersFor(options, { tls }),
  });
  return { pool, options, tls };
}
