import { duration } from "@tandem/platform/config/fields";
import { secret } from "@tandem/platform/config/secret";
import { isWithoutCredentials, noUrlCredentials } from "@tandem/platform/config/url-credentials";
import { z } from "zod";
import { isTrustworthy } from "../issuers/trustworthy-url.ts";

/** How an authorization server is asked about tokens that say nothing (RFC 7662). */
export const introspectionFields = {
  url: z
    .url()
    .refine(isTrustworthy, "expected an https URL; plain http only to this machine")
    .refine(isWithoutCredentials, noUrlCredentials)
    .meta({ description: "The introspection endpoint. Every opaque token that is not ours is sent there." }),
  clientId: z.string().min(1),
  clientSecret: secret(),
  issuer: z.string().min(1).optional().meta({
    description: "The `iss` of its tokens, to the letter; without it they count as issued by the origin of the URL.",
  }),
  cacheFor: duration({ max: "60s" }).prefault("30s").meta({
    description: "How long a good answer is believed, never beyond the token's end: a revocation there shows after it.",
  }),
  timeout: duration({ min: "50ms", max: "30s" }).prefault("2s"),
  clockSkew: duration({ max: "5m" }).prefault("60s"),
};
