import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";

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
    ...(ca !== undefined && { ca: certificateIn(ca) }),
    ...(certificate !== undefined && { cert: certificateIn(certificate) }),
    ...(key !== undefined && { key: read(key) }),
  });
  return { context, name };
}

/** OpenSSL takes an authority that is no certificate without a word, and then trusts nobody. */
function certificateIn(file: string): Buffer {
  const pem = read(file);
  try {
    void new X509Certificate(pem);
  } catch (cause) {
    throw new Error(`there is no PEM certificate in ${file}`, { cause });
  }
  return pem;
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`${file} cannot be read`, { cause });
  }
}
