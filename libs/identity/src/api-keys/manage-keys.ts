import type { Clock } from "@tandem/platform/clock";
import { z } from "zod";
import { givenFields, stateOf, type ApiKey } from "./api-key.ts";
import { createApiKeySecret, createKeyId, digestOf } from "./api-key-secret.ts";
import type { ApiKeys } from "./api-keys.ts";

/** What is asked for with a new key. */
export const newKeySchema = z.strictObject(givenFields);

export type NewKey = z.output<typeof newKeySchema>;

/** A key and its secret, this one time. */
export interface FreshKey {
  readonly key: ApiKey;
  readonly secret: string;
}

interface Surroundings {
  readonly clock: Clock;
  /** Makes every gateway forget at once that this secret was good, where keys do not tell of their changes. */
  readonly recall?: ((digest: string) => Promise<void>) | undefined;
}

interface Rotation extends Surroundings {
  /** Milliseconds for which the secret of before stays good. */
  readonly overlap: number;
}

/** A key is in no state for what is asked; says what to do. */
export class KeyConflict extends Error {
  override readonly name = "KeyConflict";
}

/** So many secrets of one key may be good at a time. */
const mostPrevious = 8;
/** Milliseconds for which a gateway that is not told of changes believes what it knows of a secret. */
const remembered = 60_000;

/** Makes a key. */
export async function createKey(keys: ApiKeys, given: NewKey, { clock }: Surroundings): Promise<FreshKey> {
  const { now, secret } = { now: clock.now(), secret: createApiKeySecret(given.label) };
  if (given.expiresAt !== undefined && given.expiresAt <= now) throw new KeyConflict("it would have expired already");
  const key: ApiKey = { ...given, id: createKeyId(), hash: digestOf(secret), createdAt: now, previous: [] };
  await keys.add(key);
  return { key, secret };
}

/** Gives a key another secret, or nothing where there is no such key. */
export async function rotateKey(keys: ApiKeys, id: string, rotation: Rotation): Promise<FreshKey | undefined> {
  const { clock, overlap, recall } = rotation;
  if (recall && overlap > 0 && overlap < remembered)
    throw new KeyConflict(
      "gateways remember a secret for a minute: rotate with an overlap of that at least, or without",
    );
  const now = clock.now();
  let ended: readonly string[] = [];
  let secret = "";
  const key = await keys.change(id, (before) => {
    const state = stateOf(before, now);
    if (state !== "active") throw new KeyConflict(`the key ${id} is ${state}: create another`);
    const live = before.previous.filter(({ until }) => until > now);
    if (overlap > 0 && live.length >= mostPrevious)
      throw new KeyConflict(`${mostPrevious} older secrets of the key ${id} are still good: rotate without an overlap`);
    secret = createApiKeySecret(before.label);
    ended = overlap > 0 ? [] : [before.hash, ...live.map(({ hash }) => hash)];
    const previous = overlap > 0 ? [...live, { hash: before.hash, until: now + overlap }] : [];
    return { ...before, hash: digestOf(secret), rotatedAt: now, previous };
  });
  if (!key) return undefined;
  for (const digest of ended) await recall?.(digest);
  return { key, secret };
}

/** Ends a key for good, or gives nothing where there is no such key; to do it again does no harm. */
export async function revokeKey(
  keys: ApiKeys,
  id: string,
  { clock, recall }: Surroundings,
): Promise<ApiKey | undefined> {
  const now = clock.now();
  const key = await keys.change(id, (before) => ({ ...before, revokedAt: before.revokedAt ?? now }));
  if (key && recall) for (const digest of [key.hash, ...key.previous.map(({ hash }) => hash)]) await recall(digest);
  return key;
}
