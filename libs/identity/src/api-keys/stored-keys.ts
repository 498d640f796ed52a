import { setImmediate } from "node:timers/promises";
import { StoreUnavailable, type Store } from "@tandem/platform/store/store";
import { apiKeySchema, documentOf, type ApiKey } from "./api-key.ts";
import type { ApiKeys } from "./api-keys.ts";

const table = "api-keys";
/** From the digest of each secret to the id of its key. */
const index = "api-keys:by-digest";
const attempts = 10;

/** Keys in the store, for all gateways. What changes is not noticed: whoever remembers a verdict asks again soon. */
export function storedKeys(store: Store): ApiKeys {
  const get = async (id: string): Promise<ApiKey | undefined> => {
    const text = await store.getField(table, id);
    return text === undefined ? undefined : readKey(text);
  };

  /** The index leads to a key before the key knows: a way that leads nowhere does no harm, a key without one does. */
  const point = async (digests: readonly string[], id: string): Promise<void> =>
    store.setFields(index, new Map(digests.map((digest) => [digest, id])));

  const unpoint = async (digests: readonly string[], id: string): Promise<void> => {
    for (const digest of digests) await store.swapField(index, digest, { before: id, after: undefined });
  };

  return {
    async find(digest) {
      const id = await store.getField(index, digest);
      return id === undefined ? undefined : get(id);
    },
    get,
    async list() {
      const keys: ApiKey[] = [];
      for (const text of (await store.getFields(table)).values()) {
        keys.push(readKey(text));
        // Whoever looks at thousands of keys must not hold up those who use them.
        if (keys.length % 100 === 0) await setImmediate();
      }
      return keys.toSorted(byAge);
    },
    async add(key) {
      await point(digestsOf(key), key.id);
      const added = await store.swapField(table, key.id, { before: undefined, after: textOf(key) });
      if (!added) throw new TypeError(`there is a key ${key.id} already`);
    },
    async change(id, edit) {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const before = await store.getField(table, id);
        if (before === undefined) return undefined;
        const old = readKey(before);
        const changed = edit(old);
        const [oldDigests, newDigests] = [digestsOf(old), digestsOf(changed)];
        await point(newDigests, id);
        const swapped = await store.swapField(table, id, { before, after: textOf(changed) });
        const [given, left] = swapped ? [newDigests, oldDigests] : [oldDigests, newDigests];
        await unpoint(
          left.filter((digest) => !given.includes(digest)),
          id,
        );
        if (swapped) return changed;
      }
      throw new StoreUnavailable(`the key ${id} is being changed all the time`);
    },
    onChange() {},
    close() {},
  };
}

const textOf = (key: ApiKey): string => JSON.stringify(documentOf(key));

function readKey(text: string): ApiKey {
  try {
    return apiKeySchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StoreUnavailable("what the store holds is no API key", { cause });
  }
}

/** Of every secret that was ever good and is still known to the key. */
export const digestsOf = ({ hash, previous }: ApiKey): string[] => [hash, ...previous.map((old) => old.hash)];

/** Oldest first. */
export const byAge = (one: ApiKey, other: ApiKey): number =>
  one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1);
