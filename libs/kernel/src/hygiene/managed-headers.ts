// The headers that only a gateway may set, because somebody behind it believes them. The README says why each group is here.

const forwarding = [
  "client-ip",
  "early-data",
  "fastly-client-ip",
  "forwarded",
  "front-end-https",
  "true-client-ip",
  "via",
  "x-azure-clientip",
  "x-azure-socketip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-host",
  "x-originating-ip",
  "x-real-ip",
  "x-scheme",
  "x-true-client-ip",
  "x-url-scheme",
];

const overrides = [
  "x-accel-mapping",
  "x-http-destinationurl",
  "x-http-host-override",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-sendfile-type",
];

const identity = [
  "client-cert",
  "client-cert-chain",
  "x-anonymous-consumer",
  "x-apigateway-api-userinfo",
  "x-client-cert",
  "x-client-certificate",
  "x-client-dn",
  "x-client-id",
  "x-client-verify",
  "x-email",
  "x-endpoint-api-userinfo",
  "x-group",
  "x-groups",
  "x-id-token",
  "x-identity",
  "x-jwt-assertion",
  "x-jwt-claims",
  "x-jwt-payload",
  "x-ms-client-principal",
  "x-principal",
  "x-role",
  "x-roles",
  "x-scope",
  "x-scopes",
  "x-subject",
  "x-tenant",
  "x-tenant-id",
];

const tracing = [
  "b3",
  "baggage",
  "grpc-trace-bin",
  "sentry-trace",
  // Nobody's names, and yet what `trace.parent` and `trace_state` may become behind us.
  "trace-parent",
  "trace-state",
  "traceparent",
  "traceresponse",
  "tracestate",
  "uber-trace-id",
  "x-amzn-trace-id",
  "x-cloud-trace-context",
];

const managedNames: ReadonlySet<string> = new Set(["proxy", ...forwarding, ...overrides, ...identity, ...tracing]);

/** Beginnings that make a name managed whatever follows. */
const managedFamilies = [
  "cf-",
  "proxy-",
  "remote-",
  "ssl-client-",
  "tandem-",
  "x-amzn-mtls-",
  "x-amzn-oidc-",
  "x-appengine-",
  "x-arr-",
  "x-auth-request-",
  "x-auth-user",
  "x-authenticated",
  "x-b3-",
  "x-claim-",
  "x-consumer-",
  "x-credential-",
  "x-datadog-",
  "x-envoy-",
  "x-forward",
  "x-goog-authenticated-",
  "x-goog-iap-",
  "x-internal",
  "x-middleware-",
  "x-ms-client-principal-",
  "x-ms-token-",
  "x-original-",
  "x-remote-",
  "x-rewrite-",
  "x-ssl-",
  "x-tandem-",
  "x-tls-",
  "x-user",
  "x-webauth-",
];

/** Tells whether a name, lower case and with dashes, belongs to the gateways alone. */
export function isManaged(name: string): boolean {
  if (managedNames.has(name)) return true;
  // What grpc-web calls its user agent: no identity.
  if (name === "x-user-agent") return false;
  return managedFamilies.some((family) => name.startsWith(family));
}

/** What belongs to one connection and is never passed on. */
export const hopByHop: ReadonlySet<string> = new Set([
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
]);
