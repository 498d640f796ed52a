import type { EmbeddedIssuerOptions } from "../issuers/config.ts";
import { algorithms } from "../jose/algorithm.ts";
import { type ClientMethod, methodOf } from "./client-method.ts";

/** Where the endpoints are, below the origin of the issuer. */
export const endpoints = {
  token: "/oauth/token",
  introspection: "/oauth/introspect",
  revocation: "/oauth/revoke",
  keys: "/.well-known/jwks.json",
  metadata: "/.well-known/oauth-authorization-server",
} as const;

/** RFC 8414: what this authorization server can do, and nothing that it cannot. */
export function metadataOf(
  { issuer, clients, clientAuthentication: delegation }: EmbeddedIssuerOptions,
  { proofs = false }: { readonly proofs?: boolean } = {},
): Readonly<Record<string, unknown>> {
  const grants = {
    client_credentials: true,
    refresh_token: clients.some(({ refresh }) => refresh) || delegation?.refresh === true,
    "urn:ietf:params:oauth:grant-type:token-exchange": clients.some(({ exchange }) => exchange),
  };
  // Whoever is not registered proves itself with a secret, to whoever is asked.
  const methods = new Set([...clients.map(methodOf), ...(delegation ? (["client_secret"] as const) : [])]);
  const hasCertificates = clients.some(
    ({ bound, certificate }) => bound === "certificate" || certificate !== undefined,
  );
  return {
    issuer,
    token_endpoint: `${issuer}${endpoints.token}`,
    jwks_uri: `${issuer}${endpoints.keys}`,
    // There is no authorization endpoint; RFC 8414 asks for the list all the same.
    response_types_supported: [],
    grant_types_supported: Object.entries(grants).flatMap(([grant, isOffered]) => (isOffered ? [grant] : [])),
    ...authenticationAt("token", methods),
    ...(hasCertificates && { tls_client_certificate_bound_access_tokens: true }),
    ...(proofs && { dpop_signing_alg_values_supported: algorithms }),
    introspection_endpoint: `${issuer}${endpoints.introspection}`,
    ...authenticationAt("introspection", methods),
    revocation_endpoint: `${issuer}${endpoints.revocation}`,
    ...authenticationAt("revocation", methods),
  };
}

/** In the words of the registry, which knows two names for a secret. */
const methodNames: Readonly<Record<ClientMethod, readonly string[]>> = {
  client_secret: ["client_secret_basic", "client_secret_post"],
  private_key_jwt: ["private_key_jwt"],
  tls_client_auth: ["tls_client_auth"],
};

/** How clients prove themselves at an endpoint, the same at each: as far as there are clients that do. */
function authenticationAt(endpoint: "token" | "introspection" | "revocation", methods: ReadonlySet<ClientMethod>) {
  return {
    [`${endpoint}_endpoint_auth_methods_supported`]: [...methods].flatMap((method) => methodNames[method]),
    ...(methods.has("private_key_jwt") && {
      [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: algorithms,
    }),
  };
}
