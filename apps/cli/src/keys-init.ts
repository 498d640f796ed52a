import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureKeyFile } from "@tandem/identity/keys/create-key-file";
import { certificatesAreGood, makeCertificates } from "./certificates.ts";
import { ensureDemoApiKey } from "./demo-api-key.ts";
import { putFile } from "./put-file.ts";

interface KeysInitOptions {
  /** Told what is being made, a line each. */
  readonly say: (line: string) => void;
  readonly now?: Date;
}

/**
 * Fills a folder with all that both tiers need to start: `security/` and `routing/` hold what is private to a tier,
 * `public/` what anyone may read. What is there and still good is left alone. Rejects with a sentence for the terminal.
 */
export async function initKeys(folder: string, options: KeysInitOptions): Promise<void> {
  try {
    await fill(folder, options);
  } catch (cause) {
    throw new Error(`keys and certificates cannot be made in ${folder}: ${reasonOf(cause)}`, { cause });
  }
}

async function fill(folder: string, { say, now = new Date() }: KeysInitOptions): Promise<void> {
  const at = (...names: string[]) => join(folder, ...names);
  if (!certificatesAreGood(folder, now)) {
    say(`making certificates for both tiers in ${folder}`);
    await makeCertificates(folder, now);
  }
  say("making keys for tokens and assertions, where there are none");
  await ensureKeyFile(at("security", "token-keys"), { algorithm: "RS256" });
  await ensureKeyFile(at("security", "assertion-keys"), {
    algorithm: "EdDSA",
    publicDirectory: at("public", "assertion-keys"),
  });
  const token = (await readIfThere(at("security", "admin-token"))) ?? `${randomBytes(24).toString("base64url")}\n`;
  for (const file of [at("admin-token"), at("security", "admin-token"), at("routing", "admin-token")])
    await putFile(file, token, 0o600);
  say("making an API key for the demo, where there is none");
  await ensureDemoApiKey(folder, now.getTime());
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOTDIR" || code === "EEXIST") return "this is no folder";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "this process may not write there";
  return error instanceof Error ? error.message : String(error);
}

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);
