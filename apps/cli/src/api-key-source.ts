import { existsSync } from "node:fs";
import type { ApiKeysAnswer, FreshKeyAnswer } from "@tandem/identity/api-keys/admin-sections";
import { viewOf, type ApiKey, type ApiKeyView } from "@tandem/identity/api-keys/api-key";
import type { ApiKeys } from "@tandem/identity/api-keys/api-keys";
import { openFileKeys } from "@tandem/identity/api-keys/file-keys";
import { createKeyFile } from "@tandem/identity/api-keys/key-file";
import { createKey, newKeySchema, revokeKey, rotateKey } from "@tandem/identity/api-keys/manage-keys";
import { systemClock as clock } from "@tandem/platform/clock";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { askAdmin, readAdminToken } from "./admin-plane.ts";

/** What is asked for with a new key, as the admin plane takes it. */
export interface AskedKey {
  readonly name: string;
  readonly owner: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly tenant?: string | undefined;
  readonly label?: string | undefined;
  /** ISO 8601. */
  readonly expiresAt?: string | undefined;
}

/** Where the commands find keys; every method rejects with a sentence for the terminal. */
export interface ApiKeySource {
  create(asked: AskedKey): Promise<FreshKeyAnswer>;
  list(): Promise<readonly ApiKeyView[]>;
  show(id: string): Promise<ApiKeyView>;
  revoke(id: string): Promise<ApiKeyView>;
  /** `overlap` as a duration with its unit; without one the gateway's own, or a day for a file. */
  rotate(id: string, overlap?: string): Promise<FreshKeyAnswer>;
}

/** The keys of a running gateway. */
export function keysOfGateway(plane: string, tokenFile: string): ApiKeySource {
  const ask = async <Answer>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<Answer> => {
    const { status, json } = await askAdmin(plane, path, { token: await readAdminToken(tokenFile), method, body });
    if (typeof json !== "object" || json === null)
      throw new Error(`${plane} answers with no JSON: is it an admin plane of Tandem?`);
    if (status === 200 || status === 201) return json as Answer;
    const { detail, title } = json as { detail?: string; title?: string };
    if (status === 404 && detail === undefined)
      throw new Error(
        `${plane} takes no API keys: its configuration has no security.apiKeys (--file edits a key file)`,
      );
    throw new Error(detail ?? `${plane} answered ${status}${title === undefined ? "" : `: ${title}`}`);
  };
  return {
    create: (asked) => ask("POST", "/api-keys", asked),
    list: async () => (await ask<ApiKeysAnswer>("GET", "/api-keys")).keys,
    show: (id) => ask("GET", at(id)),
    revoke: (id) => ask("DELETE", at(id)),
    rotate: (id, overlap) => ask("POST", `${at(id)}/rotate`, overlap === undefined ? {} : { overlap }),
  };
}

const at = (id: string): string => `/api-keys/${encodeURIComponent(id)}`;

/** The keys of a file, also where nothing runs; `create` makes the file. When a key was last used stands in no file. */
export function keysOfFile(file: string, toMs: (overlap: string) => number): ApiKeySource {
  const withKeys = async <T>(act: (keys: ApiKeys) => Promise<T | undefined>, id = ""): Promise<T> => {
    const keys = openFileKeys(file, { logger: silentLogger });
    try {
      const found = await act(keys);
      if (found === undefined) throw new Error(`there is no API key ${id} in ${file}`);
      return found;
    } finally {
      keys.close();
    }
  };
  return {
    async create(asked) {
      const given = newKeySchema.safeParse(asked);
      if (!given.success)
        throw new Error(given.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
      if (!existsSync(file)) await createKeyFile(file);
      const { key, secret } = await withKeys((keys) => createKey(keys, given.data, { clock }));
      return { key: view(key), secret };
    },
    list: () => withKeys(async (keys) => (await keys.list()).map(view)),
    show: async (id) => view(await withKeys((keys) => keys.get(id), id)),
    revoke: async (id) => view(await withKeys((keys) => revokeKey(keys, id, { clock }), id)),
    async rotate(id, overlap = "24h") {
      const { key, secret } = await withKeys((keys) => rotateKey(keys, id, { clock, overlap: toMs(overlap) }), id);
      return { key: view(key), secret };
    },
  };
}

const view = (key: ApiKey): ApiKeyView => viewOf(key, { now: clock.now() });
