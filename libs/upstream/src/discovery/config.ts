import type { Endpoint } from "@tandem/contracts/upstream";
import { distinct } from "@tandem/platform/config/distinct";
import { expectations } from "@tandem/platform/config/expectations";
import { duration, path } from "@tandem/platform/config/fields";
import { secret } from "@tandem/platform/config/secret";
import { z } from "zod";
import { clientTlsSchema } from "../connections/connection-fields.ts";
import { mostWeight } from "./consul-entries.ts";
import type { DnsOptions } from "./dns/config.ts";
import { parseOrigin } from "./origin.ts";

const anOrigin = 'an origin: "http://host:port" or "https://host:port"';

const originField = z
  .string()
  .register(expectations, { expected: anOrigin })
  .transform((text, context): string => {
    const origin = parseOrigin(text);
    if (origin !== undefined) return origin;
    context.addIssue({
      code: "custom",
      message: "this is more, or less, than an origin",
      params: { expected: anOrigin },
    });
    return z.NEVER;
  });

const weighted = z.strictObject({
  url: originField.meta({ description: "http://host:port or https://host:port." }),
  weight: z.int().min(1).max(mostWeight).default(1).meta({ description: "Its share, relative to the others." }),
});

const instancesField = z
  .array(z.union([originField.transform((url) => ({ url, weight: 1 })), weighted]))
  .min(1)
  .superRefine(distinct("instance", { of: ({ url }) => url }))
  .transform((instances) =>
    instances.map(({ url, weight }): Endpoint => ({ id: url.slice(url.indexOf("//") + 2), origin: url, weight })),
  )
  .meta({ description: "Where it can be reached: origins, each with a weight where they are not alike." });

/** A name that Consul takes, and that is safe in a path. */
export const serviceNameField = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?$/)
  .register(expectations, { expected: "a service name: letters, digits, dots, dashes and underscores, at most 64" });

/** The keys of a list of instances that never changes; for the strict object of whoever needs one. */
export const staticFields = { discovery: z.literal("static"), instances: instancesField };

const said = z.string().min(1).max(512);

/** The keys of a service that Consul knows; without a name, it is asked for under the name it has here. */
export const consulFields = {
  discovery: z.literal("consul"),
  service: serviceNameField.optional().meta({ description: "Its name in Consul. Default: its name here." }),
  tags: z
    .array(said)
    .min(1)
    .max(16)
    .superRefine(distinct("tag", { of: (tag) => tag }))
    .optional()
    .meta({
      description: "Only instances that have all these tags.",
    }),
  meta: z
    .record(z.string().min(1).max(128), said)
    .refine((pairs) => Object.keys(pairs).length > 0, { error: "without a pair it chooses nothing" })
    .optional()
    .meta({ description: "Only instances whose meta has all these pairs." }),
  datacenters: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9_-]{1,64}$/)
        .register(expectations, { expected: "the name of a datacenter" }),
    )
    .min(1)
    .max(8)
    .superRefine(distinct("datacenter", { of: (name) => name }))
    .optional()
    .meta({
      description: "Where instances are looked for: those of the first that has any. Default: the agent's own.",
    }),
};

/** A service that Consul knows, as it was read. */
export type ConsulServiceOptions = z.output<z.ZodObject<typeof consulFields>>;

/** How the instances of one service are found. */
export type DiscoveryOptions =
  | { readonly discovery: "static"; readonly instances: readonly Endpoint[] }
  | ConsulServiceOptions
  | DnsOptions;

/** The `consul` section: the agent that is asked, and told. */
export const consulSchema = z
  .strictObject({
    address: originField.prefault("http://127.0.0.1:8500").meta({ description: "The agent's HTTP API." }),
    token: secret().optional().meta({ description: "Sent as X-Consul-Token." }),
    tls: clientTlsSchema.optional().meta({
      description: "How an agent at an https:// address is trusted, and what it is shown.",
    }),
    wait: duration({ min: "1s", max: "20s" }).prefault("10s").meta({
      description: "How long one question may wait for news; a Consul that lost its state is noticed within it.",
    }),
    grace: duration({ max: "1h" })
      .prefault("30s")
      .meta({ description: "How long an instance that Consul lost may take to register again." }),
    emptyGrace: duration({ max: "1h" }).prefault("5s").meta({
      description: "How long it is not believed that several instances, and with them all, vanished at one stroke.",
    }),
  })
  .superRefine(({ address, tls }, context) => {
    if (tls && address.startsWith("http:"))
      context.addIssue({ code: "custom", path: ["tls"], message: `${address} is spoken to in clear text` });
  });

/** The `snapshots` section: where the last good lists are kept. */
export const snapshotsSchema = z.strictObject({
  directory: path().meta({ description: "A folder for the last known instances; made when it is first needed." }),
  maxAge: duration({ min: "1m" }).prefault("3d").meta({ description: "Older ones are not believed." }),
});

/** The `snapshots` section as it was read. */
export type SnapshotsOptions = z.output<typeof snapshotsSchema>;

/** The `consul` section as it was read. */
export type ConsulOptions = z.output<typeof consulSchema>;
