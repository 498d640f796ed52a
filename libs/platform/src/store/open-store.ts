import { systemClock, type Clock } from "../clock.ts";
import type { Logger } from "../log/logger.ts";
import { loadAuthorities } from "../tls/load-tls.ts";
import type { StoreOptions } from "./config.ts";
import { MemoryStore } from "./memory-store.ts";
import { openRedisStore } from "./redis-store.ts";
import type { OpenedStore } from "./store.ts";

interface Surroundings {
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** Opens the store that the configuration names. A Redis that does not answer yet is no error here; a broken `ca` or `url` is. */
export async function openStore(
  options: StoreOptions,
  { logger, clock = systemClock }: Surroundings,
): Promise<OpenedStore> {
  const own = logger.child({ part: "store" });
  if (options.type === "memory") return new MemoryStore({ maxEntries: options.maxEntries, clock, logger: own });
  const url = options.url.reveal();
  if (!/^rediss?:\/\/./.test(url)) throw new Error("the store's url begins with neither redis:// nor rediss://");
  return openRedisStore({
    url,
    prefix: options.prefix,
    commandTimeoutMs: options.timeout,
    logger: own,
    clock,
    ...(options.ca !== undefined && { ca: loadAuthorities(options.ca, { clock }) }),
  });
}
