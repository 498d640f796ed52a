import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createKeyFile } from "@tandem/identity/keys/create-key-file";
import type { Sink } from "@tandem/platform/log/batch-writer";
import { createAuthority, issueCertificate, type KeyedCertificate } from "@tandem/platform/tls/development-ca";

/** Puts into a folder what both tiers start with: `ca.crt`, a pair each for `server`, `client` and `routing`, and directories of keys. */
export async function fillWithKeys(folder: string): Promise<void> {
  const authority = createAuthority("tier tests");
  writeFileSync(join(folder, "ca.crt"), authority.certificate);
  const sans = ["localhost", "127.0.0.1", "routing-gateway"];
  for (const [name, usage] of [
    ["server", "server"],
    ["routing", "server"],
    ["client", "client"],
    ["stranger", "client"],
  ] as const)
    writePair(join(folder, name), issueCertificate(authority, { name, usage, ...(usage === "server" && { sans }) }));
  await createKeyFile(join(folder, "token-keys"), { algorithm: "RS256" });
  const publicDirectory = join(folder, "public-keys");
  await createKeyFile(join(folder, "assertion-keys"), { algorithm: "EdDSA", publicDirectory });
}

/** Writes `<base>.crt` and `<base>.key`. */
export function writePair(base: string, { certificate, key }: KeyedCertificate): void {
  mkdirSync(dirname(base), { recursive: true });
  writeFileSync(`${base}.crt`, certificate);
  writeFileSync(`${base}.key`, key);
}

/** What a process logs, a parsed line each, instead of printing it. */
export interface KeptOutput extends Sink {
  readonly lines: Readonly<Record<string, any>>[];
}

export function keptOutput(): KeptOutput {
  const lines: KeptOutput["lines"] = [];
  return {
    lines,
    on: () => undefined,
    write(text, done) {
      for (const line of text.trimEnd().split("\n")) lines.push(JSON.parse(line));
      done();
    },
  };
}
