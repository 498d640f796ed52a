import type { Endpoint } from "@tandem/contracts/upstream";
import { distinct } from "@tandem/platform/config/distinct";
import { expectations } from "@tandem/platform/config/expectations";
import { duration } from "@tandem/platform/config/fields";
import { secret } from "@tandem/platform/config/secret";
import { z } from "zod";
import { mostWeight } from "./consul-entries.ts";
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
  url: originField,
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

/** The keys of a service that Consul knows; without a name, it is asked for under the name it has here. */
export const consulFields = {
  discovery: z.literal("consul"),
  service: serviceNameField.optional().meta({ description: "Its name in Consul. Default: its name here." }),
};

/** How the instances of one service are found. */
export type DiscoveryOptions =
  | { readonly discovery: "static"; readonly instances: readonly Endpoint[] }
  | { readonly discovery: "consul"; readonly service?: string | undefined };

/** The `consul` section: the agent that is asked, and told. */
export const consulSchema = z.strictObject({
  address: originField.prefault("http://127.0.0.1:8500").meta({ description: "The agent's HTTP API." }),
  token: secret().optional().meta({ description: "Sent as X-Consul-Token." }),
  wait: duration({ min: "1s", max: "20s" }).prefault("10s").meta({
    description: "How long one question may wait for news; a Consul that lost its state is noticed within it.",
  }),
  grace: duration({ max: "1h" })
    .prefault("30s")
    .meta({ description: "How long an instance that Consul lost may take to register again." }),
});

/** The `consul` section as it was read. */
export type ConsulOptions = z.output<typeof consulSchema>;
