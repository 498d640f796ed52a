import { X509Certificate, randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createAuthority, issueCertificate, type KeyedCertificate } from "@tandem/platform/tls/development-ca";
import { ensureKeyFile } from "@tandem/identity/keys/create-key-file";

/** Certificates are made anew when they have less than this left. */
const margin = 30 * 86_400_000;

const local = ["localhost", "127.0.0.1", "::1"];

interface KeysInitOptions {
  /** Told what is being made, a line each. */
  readonly say: (line: string) => void;
  readonly now?: Date;
}

/**
 * Fills a folder with all that both tiers need to start: `security/` and `routing/` hold what is private to a tier,
 * `public/` what anyone may read. What is there and still good is left alone. The authority's own key is never written:
 * it signs once and is forgotten, so nobody can find it and sign more.
 */
export async function initKeys(folder: string, { say, now = new Date() }: KeysInitOptions): Promise<void> {
  const at = (...names: string[]) => join(folder, ...names);
  if (!(await certificatesAreGood(at("security", "server.crt"), now))) {
    say(`making certificates for both tiers in ${folder}`);
    const authority = createAuthority("Tandem development CA", { now });
    await put(at("public", "ca.crt"), authority.certificate, 0o644);
    const names = [...local, "security-gateway"];
    await putPair(
      at("security", "server"),
      issueCertificate(authority, { name: "localhost", sans: names, usage: "server", now }),
    );
    await putPair(
      at("security", "client"),
      issueCertificate(authority, { name: "security-gateway", usage: "client", now }),
    );
    await putPair(
      at("routing", "server"),
      issueCertificate(authority, {
        name: "routing-gateway",
        sans: ["routing-gateway", ...local],
        usage: "server",
        now,
      }),
    );
  }
  say("making keys for tokens and assertions, where there are none");
  await ensureKeyFile(at("security", "token-keys"), { algorithm: "RS256" });
  await ensureKeyFile(at("security", "assertion-keys"), {
    algorithm: "EdDSA",
    publicDirectory: at("public", "assertion-keys"),
  });
  const token = (await readIfThere(at("security", "admin-token"))) ?? `${randomBytes(24).toString("base64url")}\n`;
  for (const file of [at("admin-token"), at("security", "admin-token"), at("routing", "admin-token")])
    await put(file, token, 0o600);
}

async function certificatesAreGood(file: string, now: Date): Promise<boolean> {
  const certificate = await readIfThere(file);
  return certificate !== undefined && new X509Certificate(certificate).validToDate.getTime() - now.getTime() > margin;
}

async function putPair(base: string, pair: KeyedCertificate): Promise<void> {
  await put(`${base}.crt`, pair.certificate, 0o644);
  await put(`${base}.key`, pair.key, 0o600);
}

async function put(file: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { mode });
  // An older file keeps its mode when it is written again.
  await chmod(file, mode);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
