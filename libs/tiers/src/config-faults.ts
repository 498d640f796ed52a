import {
  clearTextBeyondLoopback,
  clientCertificateOf,
  hostOf,
  type ListenOptions,
} from "@tandem/kernel/listener/config";
import { isLoopback } from "@tandem/kernel/listener/networks";
import { arrivingHeaders } from "@tandem/kernel/hygiene/arriving-headers";
import { trustFaults } from "@tandem/observe/prelude/trust-faults";
import type { Problem } from "@tandem/platform/config/diagnostic";
import { policyFaults } from "@tandem/policy/authorize/policy-faults";
import { outlierFaults } from "@tandem/upstream/health/outlier-faults";
import { zoneFaults } from "@tandem/upstream/pool/zone-faults";
import { redirectFaults } from "@tandem/upstream/redirect/redirect-faults";
import { rewriteFaults } from "@tandem/upstream/rewrite/rewrite-faults";
import { routeFaults } from "@tandem/upstream/routes/route-faults";
import { destinationFaults } from "@tandem/upstream/routes/destination-faults";
import { identityFaults } from "./identity-faults.ts";
import type { RoutingConfig, SecurityConfig, TandemConfig, Tier } from "./config.ts";
import { routingHygiene } from "./routing-hygiene.ts";

/** What no single field can see: a file for nobody, ports used twice, tokens in the clear, routes that lead nowhere. */
export function configFaults(config: TandemConfig): Problem[] {
  const { security, routing } = config;
  if (!security && !routing)
    return [{ path: [], message: "the file is for no tier", expected: "a section security, routing or both" }];
  return [
    ...(security ? securityFaults(security) : []),
    ...(routing ? routingFaults(routing) : []),
    ...identityFaults(config),
  ];
}

function securityFaults({
  listen,
  admin,
  traceContext,
  issuers,
  certificates,
  apiKeys,
  store,
}: SecurityConfig): Problem[] {
  const host = hostOf(listen);
  const asksForCertificates = listen.tls !== undefined && clientCertificateOf(listen.tls) !== "none";
  const exposed = !listen.tls && (host === undefined || !isLoopback(host));
  return [
    ...samePort("security", listen, admin),
    ...trustFaults(traceContext).map((fault) => ({ ...fault, path: ["security", "traceContext", ...fault.path] })),
    ...(exposed
      ? [
          {
            path: ["security", "listen"],
            at: "key" as const,
            message: `tokens would cross ${host} in clear text`,
            expected: "tls with certificate and key, or a loopback host",
          },
        ]
      : []),
    ...(asksForCertificates ? [] : needingCertificates(certificates, issuers)),
    ...(apiKeys && "store" in apiKeys && store.type === "memory"
      ? [
          {
            path: ["security", "apiKeys", "store"],
            message: "the memory of one process would forget the keys at its end",
            expected: "security.store of type redis, or a file",
          },
        ]
      : []),
  ];
}

/** What would have to do with the certificates of clients, where none is ever asked for. */
function needingCertificates(rules: SecurityConfig["certificates"], issuers: SecurityConfig["issuers"]): Problem[] {
  const clients = issuers.flatMap((issuer, at) =>
    (issuer.type === "embedded" ? issuer.clients : []).flatMap(({ bound, certificate }, client) => {
      const path = ["security", "issuers", at, "clients", client];
      return [
        ...(certificate ? [[...path, "certificate"]] : []),
        ...(bound === "certificate" ? [[...path, "bound"]] : []),
      ];
    }),
  );
  return [...(rules.length > 0 ? [["security", "certificates"]] : []), ...clients].map((path) => ({
    path,
    at: "key" as const,
    message: "no client is ever asked for its certificate",
    expected: "security.listen.tls with a clientCa",
  }));
}

function routingFaults(routing: RoutingConfig): Problem[] {
  const { listen, admin, policies, routes, services, zone } = routing;
  const open = clearTextBeyondLoopback(listen);
  const { managed } = routingHygiene(routing);
  const within = [
    ...routeFaults(routes, services, managed),
    ...destinationFaults(routes, managed),
    ...redirectFaults(routes),
    ...rewriteFaults(routes, managed),
    ...policyFaults(policies, routes, arrivingHeaders(managed)),
    ...zoneFaults(services, zone),
    ...outlierFaults(services),
  ];
  return [
    ...samePort("routing", listen, admin),
    ...(open ? [{ path: ["routing", "listen"], at: "key" as const, message: open }] : []),
    ...within.map((fault) => ({ ...fault, path: ["routing", ...fault.path] })),
  ];
}

function samePort(tier: Tier, listen: Pick<ListenOptions, "port">, admin: { readonly port: number }): Problem[] {
  // Port 0 is a free one each time.
  if (listen.port !== admin.port || listen.port === 0) return [];
  return [
    {
      path: [tier, "admin", "port"],
      message: `port ${admin.port} is the public one already: the admin plane needs its own`,
    },
  ];
}
