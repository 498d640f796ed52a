import { duration, path } from "@tandem/platform/config/fields";
import { z } from "zod";
import { upgradesField } from "../upgrade/config.ts";
import type { ClientTls } from "./client-tls.ts";
import { createDispatcher, type Protocol } from "./dispatcher.ts";
import type { OriginPool } from "./origin-pool.ts";

interface ConnectionDefaults {
  /** As in the file: `"15s"`. */
  readonly timeout: string;
  readonly idleTimeout: string;
}

/** The keys with which a hop says how it connects and how long it waits; for the strict object of whoever has one. */
export const connectionFields = ({ timeout, idleTimeout }: ConnectionDefaults) => ({
  connectTimeout: duration({ min: "10ms", max: "1m" })
    .prefault("1s")
    .meta({ description: "To open a connection, TLS included." }),
  timeout: duration({ min: "10ms", max: "1h" })
    .prefault(timeout)
    .meta({ description: "To the first byte of the answer; an upload that goes on does not count." }),
  idleTimeout: duration({ min: "10ms", max: "24h" })
    .prefault(idleTimeout)
    .meta({ description: "Between two pieces of the answer's body." }),
  connections: z
    .int()
    .min(1)
    .max(65_535)
    .default(512)
    .meta({ description: "Connections to one instance at a time; further requests wait." }),
  upgrades: upgradesField,
});

/** TLS toward an upstream whose certificates a public or a private authority signs. */
export const clientTlsSchema = z
  .strictObject({
    ca: path().optional().meta({ description: "Who vouches for the service. Default: whom the system trusts." }),
    certificate: path().optional().meta({ description: "What the gateway proves itself with." }),
    key: path().optional().meta({ description: "The private key of the certificate." }),
    name: z.string().min(1).optional().meta({ description: "The name in the certificate. Default: the host." }),
  })
  .superRefine(({ certificate, key }, context) => {
    if ((certificate === undefined) === (key === undefined)) return;
    const lacking = key === undefined ? "key" : "certificate";
    context.addIssue({ code: "custom", path: [lacking], message: "certificate and key need each other" });
  });

/** What a service speaks; not for the way between the tiers, where HTTP/2 costs several times as much. */
export const protocolField = z
  .enum(["http1", "h2"])
  .default("http1")
  .meta({ description: "What instances speak: HTTP/1.1, or HTTP/2 over TLS. WebSockets use HTTP/1.1 all the same." });

interface ServiceOptions {
  readonly protocol: Protocol;
  readonly instances?: readonly { readonly origin: string }[];
  /** What DNS does not tell. */
  readonly scheme?: string;
}

/** Refuses HTTP/2 without TLS, where it could not be agreed upon. */
export function refuseClearHttp2(options: ServiceOptions, context: z.RefinementCtx): void {
  const { protocol, instances = [], scheme } = options;
  if (protocol !== "h2") return;
  const refuse = (at: (string | number)[], what: string): void =>
    context.addIssue({ code: "custom", path: at, message: `${what} cannot speak h2: it is agreed upon within TLS` });
  if (scheme === "http") refuse(["scheme"], "http");
  for (const [index, { origin }] of instances.entries())
    if (origin.startsWith("http:")) refuse(["instances", index], origin);
}

interface ConnectionOptions {
  readonly connectTimeout: number;
  readonly connections: number;
  readonly protocol?: Protocol;
}

interface DispatcherParts {
  readonly tls?: ClientTls | undefined;
  /** The longest head of an answer, in bytes. */
  readonly maxHead?: number;
}

/** Gives a pool what it opens the connections to its instances with. */
export function dispatchersFor(
  options: ConnectionOptions,
  parts: DispatcherParts = {},
): (origin: string) => OriginPool {
  const { connectTimeout, connections, protocol = "http1" } = options;
  return (origin) => createDispatcher(origin, { connectTimeout, connections, protocol, ...parts });
}
