import { duration } from "@tandem/platform/config/fields";
import { secretThat } from "@tandem/platform/config/secret";
import { z } from "zod";

const shortestSecret = 32;

const nonceSecret = secretThat((text) =>
  text.length < shortestSecret ? `expected at least ${shortestSecret} characters that nobody can guess` : undefined,
);

/** The `dpop` section of the security tier: how proofs of possession (RFC 9449) are judged. */
export const dpopSchema = z
  .strictObject({
    window: duration({ min: "5s", max: "10m" })
      .prefault("60s")
      .meta({ description: "How old a proof may be, and for how long it is remembered." }),
    hosts: z
      .array(z.string().regex(/^[a-z0-9.[\]:-]+$/, "a host is lower case, with its port unless that is the usual one"))
      .min(1)
      .optional()
      .meta({
        description:
          "The hosts by which clients call us, such as api.example.com or localhost:8443. Default: that of the embedded issuer; without one, any.",
      }),
    skew: duration({ max: "1m" }).prefault("5s").meta({ description: "How far ahead a client's clock may be." }),
    nonce: z
      .strictObject({
        secret: nonceSecret.meta({ description: "The same at every gateway, 32 characters at least." }),
        lifetime: duration({ min: "10s", max: "24h" })
          .prefault("5m")
          .meta({ description: "How long a nonce is given out; it is good for as long again." }),
      })
      .optional()
      .meta({ description: "Asks for a nonce of ours in each proof, so that none can be made ahead of time." }),
    withoutStore: z.enum(["refuse", "accept"]).default("refuse").meta({
      description: "While the store is down nobody can tell a replayed proof: 503, or accepted all the same.",
    }),
  })
  .prefault({});

/** How proofs are judged. */
export type DpopOptions = z.output<typeof dpopSchema>;
