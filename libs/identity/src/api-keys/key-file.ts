import { extname } from "node:path";
import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import { distinct } from "@tandem/platform/config/distinct";
import { loadConfig } from "@tandem/platform/config/load-config";
import { z } from "zod";
import { apiKeySchema, documentOf, type ApiKey } from "./api-key.ts";
import { KeysUnchangeable } from "./api-keys.ts";
import { Locked, replaceFile, withLock } from "./replace-file.ts";

/** Every id, and every hash, one time: a key that hides another would be revoked in vain. */
const keyFileSchema = z.strictObject({
  keys: z
    .array(apiKeySchema)
    .superRefine(distinct("id", { of: ({ id }) => id, at: ["id"] }))
    .superRefine((keys, context) => {
      const seen = new Set<string>();
      for (const [at, { hash, previous }] of keys.entries())
        for (const digest of [hash, ...previous.map((old) => old.hash)]) {
          if (seen.has(digest))
            context.addIssue({ code: "custom", path: [at, "hash"], message: "this hash stands here twice" });
          seen.add(digest);
        }
    }),
});

/** The keys of a file, or what is wrong with it, a line each with its place. */
export type KeyFileResult =
  | { readonly ok: true; readonly keys: readonly ApiKey[] }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Reads a file of keys, in YAML or JSON. */
export function readKeyFile(file: string): KeyFileResult {
  // Nothing in it is a reference to a secret, so there is no environment to look into.
  const loaded = loadConfig({ file, schema: keyFileSchema, require: ["keys"], environment: {} });
  return loaded.ok
    ? { ok: true, keys: loaded.value.keys }
    : { ok: false, faults: loaded.diagnostics.map(formatDiagnostic) };
}

/** Why nobody could start with this file, as one line; nothing where one could. */
export function keyFileFault(file: string): string | undefined {
  const read = readKeyFile(file);
  return read.ok ? undefined : read.faults.join("; ");
}

/** Makes of the keys in a file what `edit` says, unless somebody else is at it; comments do not survive. Rejects with `KeysUnchangeable`. */
export async function editKeyFile(file: string, edit: (keys: readonly ApiKey[]) => readonly ApiKey[]): Promise<void> {
  await unlessForbidden(file, () =>
    withLock(file, async () => {
      const read = readKeyFile(file);
      if (!read.ok) throw new KeysUnchangeable(`mend the file first: ${read.faults.join("\n")}`);
      const edited = edit(read.keys);
      if (edited !== read.keys) await replaceFile(file, textOf(file, edited));
    }),
  );
}

/** Makes a file without keys, where there is none. */
export async function createKeyFile(file: string): Promise<void> {
  await unlessForbidden(file, () => replaceFile(file, textOf(file, [])));
}

async function unlessForbidden(file: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Locked)
      throw new KeysUnchangeable(`somebody is changing ${file}; if nobody is, remove ${error.lock}`, { cause: error });
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EACCES" || code === "EPERM" || code === "EROFS")
      throw new KeysUnchangeable(`this process may not write ${file}: change it where it is kept`, { cause: error });
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new KeysUnchangeable(`${file} is in no folder that exists`, { cause: error });
    throw error;
  }
}

const heading = `# API keys: what the security tier knows of them, which is no secret. "tandem keys --help" tells how to change them;
# who edits by hand keeps a comment only until then.
`;

/** A line for each key, so that a diff shows which one has changed; JSON is YAML as well. */
function textOf(file: string, keys: readonly ApiKey[]): string {
  const lines = keys.map((key) => JSON.stringify(documentOf(key)));
  if (extname(file) === ".json") return `{ "keys": [${lines.map((line) => `\n  ${line}`).join(",")}\n] }\n`;
  return heading + (lines.length === 0 ? "keys: []\n" : `keys:\n${lines.map((line) => `  - ${line}\n`).join("")}`);
}
