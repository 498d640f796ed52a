import type { EmbeddedIssuerOptions } from "../issuers/config.ts";
import { algorithms } from "../jose/algorithm.ts";

/** Where the endpoints are, below the origin of the issuer. */
export const endpoints = {
  token: "/oauth/token",
  introspection: "/oauth/introspect",
  revocation: "/oauth/revoke",
  keys: "/.well-known/jwks.json",
  metadata: "/.well-known/oauth-authorization-server",
} as const;

/** The same at every endpoint. */
const authenticationMethods = ["client_secret_basic", "client_secret_post"];

/** RFC 8414: what this authorization server can do, and nothing that it cannot. */
export function metadataOf(
  { issuer, clients }: EmbeddedIssuerOptions,
  { proofs = false }: { readonly proofs?: boolean } = {},
): Readonly<Record<string, unknown>> {
  const grants = {
    client_credentials: true,
    refresh_token: clients.some(({ refresh }) => refresh),
    "urn:ietf:params:oauth:grant-type:token-exchange": clients.some(({ exchange }) => exchange),
  };
  return {
    issuer,
    token_endpoint: `${issuer}${endpoints.token}`,
    jwks_uri: `${issuer}${endpoints.keys}`,
    // There is no authorization endpoint; RFC 8414 asks for the list all the same.
    response_types_supported: [],
    grant_types_supported: Object.entries(grants).flatMap(([grant, isOffered]) => (isOffered ? [grant] : [])),
    token_endpoint_auth_methods_supported: authenticationMethods,
    ...(proofs && { dpop_signing_alg_values_supported: algorithms }),
    introspection_endpoint: `${issuer}${endpoints.introspection}`,
    introspection_endpoint_auth_methods_supported: authenticationMethods,
    revocation_endpoint: `${issuer}${endpoints.revocation}`,
    revocation_endpoint_auth_methods_supported: authenticationMethods,
  };
}
