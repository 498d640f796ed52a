import type { TestContext } from "node:test";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { openRedisStore } from "@tandem/platform/store/redis-store";
import type { Store } from "@tandem/platform/store/store";
import { startRedis, withoutRedis, type RedisServer } from "@tandem/platform/store/testing";

/** The store as two gateways see it. */
export interface TwinStore {
  readonly store: Store;
  readonly other: Store;
}

const memory = async (): Promise<TwinStore> => {
  const store = new MemoryStore();
  return { store, other: store };
};

const redis = async (t: TestContext): Promise<TwinStore> => openTwo(t, await startRedis(t));

/** Two gateways' ways to one Redis. */
export async function openTwo(t: TestContext, { url }: RedisServer): Promise<TwinStore> {
  const open = async (): Promise<Store> => {
    const store = await openRedisStore({ url, logger: silentLogger, prefix: "test:", commandTimeoutMs: 5000 });
    t.after(() => store.close());
    return store;
  };
  return { store: await open(), other: await open() };
}

/** Every store that opaque tokens have to live in. */
export const stores = [
  { name: "memory", open: memory, skip: false },
  { name: "redis", open: redis, skip: withoutRedis() },
] as const;
