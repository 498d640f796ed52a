import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { openRedisStore } from "@tandem/platform/store/redis-store";
import type { Store } from "@tandem/platform/store/store";
import { startRedis, withoutRedis } from "@tandem/platform/store/testing";
import { directoryWith } from "@tandem/platform/testing";
import type { ApiKeys } from "./api-keys.ts";
import { openFileKeys } from "./file-keys.ts";
import type { NewKey } from "./manage-keys.ts";
import { storedKeys } from "./stored-keys.ts";

/** Keys as two gateways see them. */
export interface TwoGateways {
  readonly here: ApiKeys;
  readonly there: ApiKeys;
}

/** A place for keys, and why it cannot be had here. */
export interface Place {
  readonly name: string;
  readonly skip: string | false;
  open(t: TestContext): Promise<TwoGateways>;
}

/** Every place where keys can be kept. */
export const places: readonly Place[] = [
  {
    name: "a file",
    skip: false,
    open: async (t) => {
      const file = join(directoryWith(t, {}), "keys.yaml");
      writeFileSync(file, "keys: []\n");
      const open = (): ApiKeys => {
        const keys = openFileKeys(file, { logger: silentLogger, interval: 10 });
        t.after(() => keys.close());
        return keys;
      };
      return { here: open(), there: open() };
    },
  },
  {
    name: "memory",
    skip: false,
    open: async () => {
      const store = new MemoryStore();
      return { here: storedKeys(store), there: storedKeys(store) };
    },
  },
  {
    name: "Redis",
    skip: withoutRedis(),
    open: async (t) => {
      const { url } = await startRedis(t);
      const open = async (): Promise<Store> => {
        const store = await openRedisStore({ url, logger: silentLogger, commandTimeoutMs: 5000 });
        t.after(() => store.close());
        return store;
      };
      return { here: storedKeys(await open()), there: storedKeys(await open()) };
    },
  },
];

/** What a test asks for with a new key. */
export const givenKey = (more: Partial<NewKey> = {}): NewKey => ({
  name: "nightly export",
  owner: "reports",
  scopes: ["orders:read"],
  roles: [],
  ...more,
});
