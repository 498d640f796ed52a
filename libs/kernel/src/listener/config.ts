import { bytes, duration, path, port } from "@tandem/platform/config/fields";
import { z } from "zod";
import { isLoopback, isNetwork } from "./networks.ts";

/** What the two tiers set apart: their ports, and that the inner tier lets larger heads in than the outer one. */
interface ListenDefaults {
  readonly port: number;
  /** As in the file: `"16KiB"`. */
  readonly head?: string;
  readonly headers?: number;
}

const tls = z
  .strictObject({
    certificate: path(),
    key: path(),
    clientCa: path().optional(),
    clientCrl: path().optional(),
    clientCertificate: z
      .enum(["none", "optional", "required"])
      .optional()
      .meta({ description: "Whether clients prove who they are with a certificate. With a `clientCa`: required." }),
  })
  .superRefine(({ clientCa, clientCrl, clientCertificate }, context) => {
    if (clientCa === undefined && clientCrl !== undefined)
      context.addIssue({ code: "custom", path: ["clientCrl"], message: "needs the clientCa whose list it is" });
    if (clientCa === undefined && clientCertificate !== undefined && clientCertificate !== "none")
      context.addIssue({ code: "custom", path: ["clientCertificate"], message: "needs a clientCa to check them with" });
    if (clientCa !== undefined && clientCertificate === "none")
      context.addIssue({ code: "custom", path: ["clientCa"], message: "has no use: clientCertificate is none" });
  });

/** An address or a network. */
export const networkField = z.string().refine(isNetwork, "is neither an address nor a network such as 10.0.0.0/8");

const limits = ({ head = "16KiB", headers = 100 }: ListenDefaults) =>
  z
    .strictObject({
      head: bytes({ min: "1KiB", max: "256KiB" }).prefault(head).meta({ description: "Bytes of a request head." }),
      headers: z.int().min(8).max(1000).default(headers).meta({ description: "Header lines of a request." }),
      headTimeout: duration({ min: "100ms", max: "10m" }).prefault("10s").meta({
        description: "From the connection, or the first byte, to the end of the head; also for the handshake.",
      }),
      requestTimeout: duration({ min: "100ms", max: "24h" })
        .prefault("5m")
        .meta({ description: "From the first byte of a request to the last of its body." }),
      idleTimeout: duration({ min: "100ms", max: "24h" }).prefault("5m").meta({
        description: "Without a byte in either direction while a request, or what it was upgraded to, is under way.",
      }),
      keepAlive: duration({ min: "100ms", max: "24h" })
        .prefault("75s")
        .meta({ description: "How long a connection is kept between two requests." }),
      connections: z.int().min(1).default(10_000).meta({ description: "Connections at a time; more are dropped." }),
      requestsPerConnection: z.int().min(1).default(10_000),
      streams: z
        .int()
        .min(1)
        .max(1000)
        .default(100)
        .meta({ description: "HTTP/2: requests at a time on a connection." }),
      resets: z
        .int()
        .min(10)
        .default(200)
        .meta({ description: "HTTP/2: requests that a client may take back in 10 seconds, per connection." }),
    })
    .superRefine(({ headTimeout, requestTimeout }, context) => {
      if (requestTimeout < headTimeout)
        context.addIssue({ code: "custom", path: ["requestTimeout"], message: "is shorter than headTimeout" });
    })
    .prefault({});

/** The `listen` section of a tier. */
export function listenSchema(defaults: ListenDefaults) {
  return z
    .strictObject({
      host: z
        .string()
        .min(1)
        .optional()
        .meta({ description: "The address to listen on. Without TLS: 127.0.0.1; with it: every address." }),
      port: port().prefault(defaults.port),
      tls: tls.optional(),
      proxyProtocol: z
        .strictObject({ from: z.array(networkField).min(1, "names no balancer: leave proxyProtocol out") })
        .optional()
        .meta({ description: "The balancers in front. Each connection must come from one and begin with PROXY v2." }),
      limits: limits(defaults),
    })
    .prefault({});
}

/** Where and how a listener listens. */
export type ListenOptions = z.output<ReturnType<typeof listenSchema>>;
export type TlsOptions = NonNullable<ListenOptions["tls"]>;
export type ListenLimits = ListenOptions["limits"];

/** The address to bind; nothing stands for every address. */
export function hostOf({ host, tls: secured }: Pick<ListenOptions, "host" | "tls">): string | undefined {
  return host ?? (secured ? undefined : "127.0.0.1");
}

/** Whether clients are asked for a certificate. */
export function clientCertificateOf(secured: Pick<TlsOptions, "clientCa" | "clientCertificate">) {
  return secured.clientCertificate ?? (secured.clientCa === undefined ? "none" : "required");
}

/** Says what is wrong with a routing listener that others could reach without proving who they are; the tier refuses to start with it. */
export function clearTextBeyondLoopback(listen: Pick<ListenOptions, "host" | "tls">): string | undefined {
  const host = hostOf(listen);
  if (host !== undefined && isLoopback(host)) return undefined;
  if (listen.tls && clientCertificateOf(listen.tls) === "required") return undefined;
  const lacking = listen.tls ? "it asks its clients for no certificate" : "it speaks clear text";
  const remedy = listen.tls
    ? "Set tls.clientCa (and leave clientCertificate at required)"
    : "Set tls with certificate, key and clientCa";
  return `the routing tier would listen on ${host ?? "every address"}, and ${lacking}. ${remedy}, or listen on 127.0.0.1.`;
}
