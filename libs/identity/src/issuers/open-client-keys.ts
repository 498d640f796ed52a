import { readFile } from "node:fs/promises";
import { algorithms } from "../jose/algorithm.ts";
import { verificationKey, type VerificationKey } from "../jose/verification-key.ts";
import type { KeySource } from "../keys/key-source.ts";
import { clientKeysFault } from "./client-keys-fault.ts";
import type { ClientOptions } from "./config.ts";
import { openKeys, type KeyPlace, type Surroundings } from "./open-keys.ts";

/** Opens the keys of all clients that have any, by client; those of one that cannot be opened close the others. */
export async function openClientKeys(
  clients: readonly ClientOptions[],
  surroundings: Surroundings,
): Promise<ReadonlyMap<string, KeySource>> {
  const opened = new Map<string, KeySource>();
  try {
    for (const client of clients) {
      const source = await keysOf(client, surroundings);
      if (source) opened.set(client.id, source);
    }
  } catch (error) {
    for (const source of opened.values()) source.close();
    throw error;
  }
  return opened;
}

async function keysOf({ id, keys, jwks }: ClientOptions, surroundings: Surroundings): Promise<KeySource | undefined> {
  const place = { whose: `client ${id}`, algorithms };
  const named = { ...surroundings, logger: surroundings.logger.child({ client: id }) };
  const open = (from: KeyPlace["from"]) => openKeys({ ...place, from }, named);
  if (jwks !== undefined) return open({ url: jwks });
  if (keys === undefined) return undefined;
  if (typeof keys !== "string") return fixedKeys(keys.map((jwk) => verificationKey(jwk)));
  const fault = clientKeysFault(await readFile(keys, "utf8"));
  if (fault !== undefined) throw new Error(`client ${id}: the keys in ${keys} cannot be used: ${fault}`);
  return open({ file: keys });
}

/** Keys that stand in the configuration itself: another generation has others. */
function fixedKeys(keys: readonly VerificationKey[]): KeySource {
  return { keys: () => keys, renew: () => Promise.resolve(keys), onChange: () => {}, close: () => {} };
}
