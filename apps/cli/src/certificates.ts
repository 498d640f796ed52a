import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "@tandem/platform/clock";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import { readAuthorities, readKeyPair } from "@tandem/platform/tls/key-pair";
import { putFile } from "./put-file.ts";

/** Certificates are made anew when one has less than this left. */
const margin = 30 * 86_400_000;

const authorityFile = "public/ca.crt";
const local = ["localhost", "127.0.0.1", "::1"];

/** `inner` ones the tiers show each other: they are worth nothing without the authority that signed them. */
const leaves = [
  { file: "security/server", name: "localhost", sans: [...local, "security-gateway"], usage: "server", inner: false },
  { file: "security/client", name: "security-gateway", sans: [], usage: "client", inner: true },
  {
    file: "routing/server",
    name: "routing-gateway",
    sans: ["routing-gateway", ...local],
    usage: "server",
    inner: true,
  },
] as const;

/** Whether all certificates are there, each with its key, and will be good for a while. */
export function certificatesAreGood(folder: string, now: Date): boolean {
  const clock = { ...systemClock, now: () => now.getTime() };
  const authority = readAuthorities(join(folder, authorityFile), { clock });
  if (!authority.ok) return false;
  const { publicKey } = new X509Certificate(authority.pem);
  return leaves.every(({ file, inner }) => {
    const read = readKeyPair(keyPairFiles(folder, file), { clock });
    if (!read.ok || read.pair.notAfter.getTime() - now.getTime() <= margin) return false;
    return !inner || new X509Certificate(read.pair.certificate).verify(publicKey);
  });
}

/** Makes all of them, by an authority whose own key is never written: it signs once and is forgotten, so nobody can find it and sign more. */
export async function makeCertificates(folder: string, now: Date): Promise<void> {
  const authority = createAuthority("Tandem development CA", { now });
  await putFile(join(folder, authorityFile), authority.certificate, 0o644);
  for (const { file, name, sans, usage } of leaves) {
    const pair = issueCertificate(authority, { name, sans, usage, now });
    const files = keyPairFiles(folder, file);
    await putFile(files.certificate, pair.certificate, 0o644);
    await putFile(files.key, pair.key, 0o600);
  }
}

const keyPairFiles = (folder: string, file: string) => ({
  certificate: join(folder, `${file}.crt`),
  key: join(folder, `${file}.key`),
});
