import { createSecureContext, type SecureContext } from "node:tls";
import { loadAuthorities, loadKeyPair } from "@tandem/platform/tls/load-tls";

/** What TLS connections to an upstream are made with; parsed once, not once per connection. */
export interface ClientTls {
  readonly context: SecureContext;
  /** The name that the other side's certificate must bear; without it, the host of its origin. */
  readonly name: string | undefined;
}

/** The files to read, as the configuration names them. */
export interface ClientTlsFiles {
  /** Who vouches for the other side; without it, whom the system trusts. */
  readonly ca?: string | undefined;
  /** What we prove ourselves with; both or neither. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly name?: string | undefined;
}

/** Reads the files; throws at start, and not at the first request, when one of them is missing or wrong. */
export function loadClientTls({ ca, certificate, key, name }: ClientTlsFiles): ClientTls {
  const context = createSecureContext({
    minVersion: "TLSv1.2",
    // OpenSSL takes an authority that is no certificate without a word, and then trusts nobody.
    ...(ca !== undefined && { ca: loadAuthorities(ca) }),
    ...identityOf(certificate, key),
  });
  return { context, name };
}

function identityOf(certificate?: string, key?: string): { cert: string; key: string } | undefined {
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined) throw new Error("a certificate and its key need each other");
  const pair = loadKeyPair({ certificate, key });
  return { cert: pair.certificate, key: pair.key };
}
