import type { ApiKey } from "./api-key.ts";

/** Where keys are kept. Every method rejects with `StoreUnavailable` or `KeysUnchangeable` alone. */
export interface ApiKeys {
  /** The key of which this is the SHA-256 of a secret, in base64url, valid or not; a promise only where it must be fetched. */
  find(digest: string): ApiKey | undefined | Promise<ApiKey | undefined>;
  get(id: string): Promise<ApiKey | undefined>;
  /** In the order in which they were made. */
  list(): Promise<readonly ApiKey[]>;
  add(key: ApiKey): Promise<void>;
  /** Puts what `edit` makes of a key in its place, whoever else changes it; gives that, or nothing where there is no such key. */
  change(id: string, edit: (key: ApiKey) => ApiKey): Promise<ApiKey | undefined>;
  /** Told after keys have changed, where that is noticed here at once. */
  onChange(listener: () => void): void;
  close(): void;
}

/** The keys are for reading only, or somebody else is changing them; says what to do. */
export class KeysUnchangeable extends Error {
  override readonly name = "KeysUnchangeable";
}
