import { scopePattern } from "@tandem/contracts/scope";
import { duration } from "@tandem/platform/config/fields";
import { secret } from "@tandem/platform/config/secret";
import { isWithoutCredentials, noUrlCredentials } from "@tandem/platform/config/url-credentials";
import { z } from "zod";
import { isTrustworthy } from "./trustworthy-url.ts";

const most = "The most that an answer can give, whatever it says.";

/** The `clientAuthentication` of the embedded issuer: who is asked about clients that are not registered here. */
export const delegationSchema = z
  .strictObject({
    url: z
      .url()
      .refine(isTrustworthy, "expected an https URL; plain http only to this machine")
      .refine(isWithoutCredentials, noUrlCredentials)
      .meta({ description: "Where the id and the secret of a client are sent, with POST." }),
    send: z.enum(["json", "form"]).default("json"),
    token: secret().optional().meta({ description: "Sent along as a bearer token, so that it answers nobody else." }),
    timeout: duration({ min: "50ms", max: "30s" }).prefault("2s"),
    cacheFor: duration({ max: "60s" }).prefault("10s").meta({
      description: "How long a good answer is believed: a secret that is taken back there is good here for so long.",
    }),
    scopes: z
      .array(z.string().regex(scopePattern, "a scope is visible ASCII without spaces, quotes and backslashes"))
      .default([])
      .meta({ description: most }),
    roles: z.array(z.string().min(1)).default([]).meta({ description: most }),
    tenants: z
      .union([z.literal("any"), z.array(z.string().min(1))])
      .default([])
      .meta({ description: "The tenants that an answer may name; any: whatever it names." }),
    tokens: z.enum(["jwt", "opaque"]).default("jwt"),
    refresh: z.boolean().default(false),
  })
  .meta({ description: "An authentication server that is asked about clients which are not registered here." });

export type DelegationOptions = z.output<typeof delegationSchema>;
