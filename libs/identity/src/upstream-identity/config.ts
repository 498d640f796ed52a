import type { UpstreamIdentity } from "@tandem/contracts/route";
import { duration, path } from "@tandem/platform/config/fields";
import { expectations } from "@tandem/platform/config/expectations";
import { z } from "zod";
import { outliving, rotationFields } from "../keys/config.ts";

const facts = ["subject", "client", "scopes", "roles", "tenant", "method", "issuer"] as const;

/** These say how a message is framed or passed on, or are set by us for reasons of their own. */
const reserved =
  /^(connection|content-.*|cookie|date|expect|host|keep-alive|proxy-.*|sec-.*|set-cookie|tandem-.*|te|trace.*|trailer|transfer-encoding|upgrade|via|x-forwarded-.*|x-request-id)$/;

const headerName = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a header name is lower-case letters, digits and single dashes")
  .refine((name) => !reserved.test(name), "this header has another meaning");

/** The `identity` of a route: what its service is told of the caller. */
export const identityField = z
  .union([
    z.enum(["none", "credential"]),
    z.strictObject({
      headers: z
        .record(headerName, z.enum(facts))
        .refine((headers) => Object.keys(headers).length > 0, "expected at least one header"),
    }),
    z.strictObject({ token: z.strictObject({ audience: z.string().min(1).max(256) }) }),
  ])
  .register(expectations, {
    expected:
      "what the service is told: none, credential, { headers: { x-user: subject } } or { token: { audience: a } }",
  })
  .transform((told): UpstreamIdentity => {
    if (typeof told === "string") return { kind: told };
    if ("headers" in told) return { kind: "headers", headers: told.headers };
    return { kind: "token", audience: told.token.audience };
  })
  .default({ kind: "none" })
  .meta({
    description:
      "What the service is told of the caller: nothing, headers of your choosing, a token signed for it, or the client's own credential.",
  });

/** The `serviceTokens` of the routing tier: how tokens for services are signed. */
export const serviceTokensSchema = z
  .strictObject({
    issuer: z.string().min(1).meta({ description: "The `iss` of the tokens." }),
    keys: path().meta({ description: "A folder of private ES256 keys (JWK); the newest signs." }),
    ...rotationFields,
    lifetime: duration({ min: "10s", max: "10m" }).prefault("60s"),
  })
  .superRefine(outliving(({ lifetime }) => lifetime, 60_000));

export type ServiceTokensOptions = z.output<typeof serviceTokensSchema>;
