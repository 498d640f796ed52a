import { path } from "@tandem/platform/config/fields";
import { z } from "zod";
import { consulFields, staticFields } from "../discovery/config.ts";
import { dnsAddressFields, dnsSrvFields } from "../discovery/dns/config.ts";
import { connectionFields } from "../connections/connection-fields.ts";

const tls = z.strictObject({
  certificate: path().meta({ description: "What this tier proves itself with." }),
  key: path(),
  ca: path().meta({ description: "Who vouches for the routing gateways." }),
  name: z.string().min(1).default("routing-gateway").meta({
    description: "The name in their certificates, whatever address discovery found them at.",
  }),
});

const fields = {
  ...connectionFields({ timeout: "60s", idleTimeout: "5m" }),
  tls: tls.optional().meta({ description: "Mutual TLS between the tiers." }),
};

/** The `routingTier` section of the security tier. */
export const routingTierSchema = z.discriminatedUnion("discovery", [
  z.strictObject({ ...staticFields, ...fields }).superRefine(({ instances, tls: secured }, context) => {
    for (const [index, { origin }] of instances.entries())
      if (secured && origin.startsWith("http:"))
        context.addIssue({
          code: "custom",
          path: ["instances", index],
          message: `${origin} would be spoken to in clear text, although tls is set`,
        });
  }),
  z.strictObject({ ...consulFields, ...fields }),
  z
    .discriminatedUnion("type", [
      z.strictObject({ ...dnsSrvFields, ...fields }),
      z.strictObject({ ...dnsAddressFields, ...fields }),
    ])
    .superRefine(({ scheme, tls: secured }, context) => {
      if (secured && scheme === "http")
        context.addIssue({
          code: "custom",
          path: ["scheme"],
          message: "the gateways would be spoken to in clear text, although tls is set",
        });
    }),
]);

/** How the security tier reaches the routing tier. */
export type RoutingTierOptions = z.output<typeof routingTierSchema>;
