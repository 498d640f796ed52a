import type { AccessRule } from "@tandem/contracts/route";
import { isScope, scopePattern } from "@tandem/contracts/scope";
import { distinct } from "@tandem/platform/config/distinct";
import { expectations } from "@tandem/platform/config/expectations";
import { z } from "zod";

const aScope = "a scope: up to 128 visible characters without spaces, quotes and backslashes";

const scope = z
  .string()
  .meta({ pattern: scopePattern.source })
  .register(expectations, { expected: aScope })
  .superRefine((text, context) => {
    if (isScope(text)) return;
    context.addIssue({ code: "custom", message: `found ${JSON.stringify(text)}`, params: { expected: aScope } });
  });

const scopes = z
  .array(scope)
  .min(1)
  .superRefine(distinct("scope", { of: (name) => name }));

/** The `allow` of a route. It has no default: a route that does not say who may take it does not load. */
export const accessRuleSchema = z
  .union([z.enum(["anyone", "authenticated"]), z.strictObject({ scopes })])
  .register(expectations, { expected: "who may take the route: anyone, authenticated, or { scopes: [a, b] }" })
  .transform((allow): AccessRule =>
    typeof allow === "string" ? { kind: allow } : { kind: "scopes", scopes: allow.scopes },
  )
  .meta({ description: "Who may take the route. `scopes` means all of them." });
