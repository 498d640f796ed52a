import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stateOf } from "@tandem/identity/api-keys/api-key";
import { digestOf } from "@tandem/identity/api-keys/api-key-secret";
import { openFileKeys } from "@tandem/identity/api-keys/file-keys";
import { createKeyFile } from "@tandem/identity/api-keys/key-file";
import { createKey } from "@tandem/identity/api-keys/manage-keys";
import { systemClock as clock } from "@tandem/platform/clock";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { putFile } from "./put-file.ts";

/** Where the API keys of a demo setup are, and the secret of the one that visitors are shown. */
export const demoKeyFiles = (folder: string) => ({
  keys: join(folder, "security", "api-keys.yaml"),
  secret: join(folder, "security", "demo-api-key"),
});

/** Makes a key with the rights of demo-viewer, unless there is a good one; other keys of the file stay as they are. */
export async function ensureDemoApiKey(folder: string, now = clock.now()): Promise<void> {
  const files = demoKeyFiles(folder);
  if (!existsSync(files.keys)) await createKeyFile(files.keys);
  const keys = openFileKeys(files.keys, { logger: silentLogger });
  try {
    const secret = existsSync(files.secret) ? (await readFile(files.secret, "utf8")).trim() : "";
    const key = await keys.find(digestOf(secret));
    if (key && key.hash === digestOf(secret) && stateOf(key, now) === "active") return;
    const given = { name: "demo", owner: "demo-viewer", scopes: ["orders:read"], roles: [], label: "demo" };
    const fresh = await createKey(keys, given, { clock });
    await putFile(files.secret, `${fresh.secret}\n`, 0o600);
  } finally {
    keys.close();
  }
}
