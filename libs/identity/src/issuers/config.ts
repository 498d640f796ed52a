import { scopePattern } from "@tandem/contracts/scope";
import { distinct } from "@tandem/platform/config/distinct";
import { duration, path } from "@tandem/platform/config/fields";
import { isWithoutCredentials, noUrlCredentials } from "@tandem/platform/config/url-credentials";
import { z } from "zod";
import { algorithms } from "../jose/algorithm.ts";
import { outliving, rotationFields } from "../keys/config.ts";
import { introspectionFields } from "../opaque/config.ts";
import { readClaimPath, type ClaimPath } from "./claim-path.ts";
import { clientIdPattern } from "./client-id.ts";
import { oneProof, proofFields } from "./client-proof-fields.ts";
import { delegationSchema } from "./delegation-config.ts";
import { isAskable, isTrustworthy } from "./trustworthy-url.ts";

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a name is lower-case letters, digits and dashes");

const scopes = z
  .array(z.string().regex(scopePattern, "a scope is visible ASCII without spaces, quotes and backslashes"))
  .default([]);

const audience = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((value): readonly string[] => (typeof value === "string" ? [value] : value))
  .meta({ description: "The `aud` of a token must be, or hold, one of these." });

const unique = <Key extends string>(key: Key) =>
  distinct<Readonly<Record<Key, string>>>(key, { of: (item) => item[key], at: [key] });

const client = z
  .strictObject({
    id: z.string().regex(clientIdPattern, "a client id is visible ASCII without spaces and colons"),
    ...proofFields,
    scopes,
    roles: z.array(z.string().min(1)).default([]),
    tenant: z.string().min(1).optional(),
    tokens: z.enum(["jwt", "opaque"]).default("jwt").meta({
      description: "opaque: the token says nothing, and what it stands for is in the store, until it is dropped there.",
    }),
    introspects: z.enum(["own", "any"]).default("own").meta({
      description:
        "any: it may ask about every token of ours, as resource servers must; own: only about those issued to it or for it.",
    }),
    refresh: z.boolean().default(false).meta({ description: "Whether its tokens come with a refresh token." }),
    bound: z.enum(["key", "certificate"]).optional().meta({
      description:
        "What its tokens have to be bound to: the key of a DPoP proof, or the certificate of its connection. Without it those are bound that are asked for with a proof.",
    }),
    exchange: z.boolean().default(false).meta({ description: "Whether it may exchange others' tokens for ours." }),
  })
  .superRefine(oneProof);

const refreshTokens = z.strictObject({
  idle: duration({ min: "1s", max: "366d" }).prefault("1h").meta({ description: "How long each is good when unused." }),
  lifetime: duration({ min: "1s", max: "366d" }).prefault("24h").meta({
    description: "How long after the first of a family none is good any more.",
  }),
  grace: duration({ max: "1m" }).prefault("0s").meta({
    description: "How long a used one gets the same next one once more, for clients that lose answers.",
  }),
});

const embedded = z
  .strictObject({
    name,
    type: z.literal("embedded"),
    issuer: z
      .url()
      .refine(isBareOrigin, "expected an https origin without a path, such as https://localhost:8443")
      .meta({ description: "The `iss` of the tokens, and the origin under which clients reach the token endpoints." }),
    audience,
    keys: path(),
    ...rotationFields,
    lifetime: duration({ min: "1s", max: "24h" }).prefault("10m"),
    refreshTokens: refreshTokens.prefault({}),
    clients: z.array(client).superRefine(unique("id")).default([]),
    clientAuthentication: delegationSchema.optional(),
  })
  .superRefine(outliving(({ lifetime }) => lifetime, 60_000));

const claim = z
  .string()
  .transform((text, context): ClaimPath => {
    const read = readClaimPath(text);
    if (read) return read;
    context.addIssue({
      code: "custom",
      message: "expected a claim such as roles, realm_access.roles or /realm_access/roles",
    });
    return z.NEVER;
  })
  .optional();

const claims = z
  .strictObject({ subject: claim, client: claim, scopes: claim, roles: claim, tenant: claim })
  .prefault({})
  .meta({ description: "Which claims say who calls, where they are not the standard ones." });

const jwt = z
  .strictObject({
    name,
    type: z.literal("jwt"),
    issuer: z.string().min(1).meta({ description: "The `iss` of the tokens, to the letter." }),
    audience,
    jwks: z
      .url()
      .refine(isTrustworthy, "expected an https URL; plain http only to this machine")
      .refine(isWithoutCredentials, noUrlCredentials)
      .optional(),
    keys: path().optional(),
    staleFor: duration({ max: "7d" }).prefault("24h").meta({
      description: "How long keys serve beyond their time while newer ones cannot be had.",
    }),
    algorithms: z.array(z.enum(algorithms)).min(1).default(["RS256", "PS256", "ES256", "EdDSA"]),
    tokenType: z.enum(["any", "at+jwt"]).default("any").meta({
      description: "at+jwt (RFC 9068) refuses whatever is not marked as an access token, id tokens above all.",
    }),
    clockSkew: duration({ max: "5m" }).prefault("60s"),
    maxLifetime: duration({ min: "1s", max: "366d" }).optional(),
    claims,
  })
  .refine(({ jwks, keys }) => jwks === undefined || keys === undefined, {
    message: "expected either jwks (a URL) or keys (a file), not both",
    path: ["jwks"],
  })
  .refine(({ issuer, jwks, keys }) => jwks !== undefined || keys !== undefined || isAskable(issuer), {
    message: "expected an https URL, which is asked where its keys are; or else jwks (a URL) or keys (a file)",
    path: ["issuer"],
  });

const introspection = z.strictObject({
  name,
  type: z.literal("introspection"),
  audience: audience.optional(),
  claims,
  ...introspectionFields,
});

/** The `issuers` of the security tier: whose tokens are believed, and as what. */
export const issuersSchema = z
  .array(z.discriminatedUnion("type", [embedded, jwt, introspection]))
  .superRefine(unique("name"))
  // One server may issue opaque tokens and JWTs, so an introspection issuer may have the `iss` of another.
  .superRefine(distinct<IssuerOptions>("issuer", { of: issOrName, at: ["issuer"] }))
  .superRefine(only("embedded", "there can be only one embedded issuer"))
  .superRefine(only("introspection", "there can be only one: an opaque token does not say whose it is"))
  .superRefine((issuers, context) => {
    const ours = issuers.find(({ type }) => type === "embedded")?.issuer;
    for (const [index, { type, issuer }] of issuers.entries())
      if (type === "introspection" && issuer !== undefined && issuer === ours)
        context.addIssue({ code: "custom", path: [index, "issuer"], message: "this is the embedded issuer" });
  })
  .default([]);

export type EmbeddedIssuerOptions = z.output<typeof embedded>;
export type JwtIssuerOptions = z.output<typeof jwt>;
export type IntrospectionIssuerOptions = z.output<typeof introspection>;
/** One issuer, as the configuration names it. */
export type IssuerOptions = EmbeddedIssuerOptions | JwtIssuerOptions | IntrospectionIssuerOptions;
export type ClientOptions = EmbeddedIssuerOptions["clients"][number];

/** Refuses the second of a type; what it refuses is a mistake that would be decided by the order otherwise. */
function only(type: IssuerOptions["type"], message: string) {
  return (issuers: readonly IssuerOptions[], context: z.RefinementCtx): void => {
    const [, second] = issuers.flatMap((issuer, index) => (issuer.type === type ? [index] : []));
    if (second !== undefined) context.addIssue({ code: "custom", path: [second], message });
  };
}

/** What no other issuer may be called; a name that is no URL where the tokens need not say their issuer. */
function issOrName(issuer: IssuerOptions): string {
  return issuer.type === "introspection" ? `the opaque tokens of ${issuer.name}` : issuer.issuer;
}

/** RFC 8414 puts the metadata of an issuer with a path where this gateway does not answer. */
function isBareOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && isTrustworthy(text) && url.origin === text;
}
