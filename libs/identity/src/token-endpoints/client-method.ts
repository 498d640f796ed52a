import type { ClientOptions } from "../issuers/config.ts";

/** How a client proves itself, in the words of OAuth; a secret counts in the header and in the body. */
export type ClientMethod = "client_secret" | "private_key_jwt" | "tls_client_auth";

/** The one way that follows from what a client is registered with. */
export function methodOf({ certificate, keys, jwks }: ClientOptions): ClientMethod {
  if (certificate !== undefined) return "tls_client_auth";
  return keys !== undefined || jwks !== undefined ? "private_key_jwt" : "client_secret";
}
