import type { Logger } from "@tandem/platform/log/logger";
import { balanceOf } from "../balance/config.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { loadClientTls } from "../connections/client-tls.ts";
import { dispatchersFor } from "../connections/connection-fields.ts";
import { createPool, type Pool } from "../pool/pool.ts";
import { rulesOf } from "../pool/rules.ts";
import type { ProxiedService } from "../proxy/hops.ts";
import type { ServiceOptions } from "./config.ts";

/** A service whose instances are being followed. */
export interface OpenService extends ProxiedService {
  readonly pool: Pool;
}

interface ServiceParts {
  readonly discovery: Discovery;
  /** Where this gateway stands. */
  readonly zone?: string | undefined;
  readonly logger?: Logger;
}

/** Opens a service: its pool, spread, judged and connected to as its options say. Whoever opened it closes the pool. */
export function openService(name: string, options: ServiceOptions, parts: ServiceParts): OpenService {
  const { discovery, zone, logger } = parts;
  const tls = options.tls && loadClientTls(options.tls);
  const { balance, sessions } = balanceOf(options, { service: name });
  const pool = createPool({
    name,
    service: options.discovery === "consul" ? options.service : undefined,
    discovery,
    balance,
    dispatcherFor: dispatchersFor(options, { tls }),
    // HTTP/2 is chosen within TLS: discovery may name instances without it.
    accepts: ({ origin }) => options.protocol !== "h2" || origin.startsWith("https:"),
    rules: rulesOf(options, zone),
    tls,
    protocol: options.protocol,
    logger,
  });
  return { pool, options, tls, sessions };
}
