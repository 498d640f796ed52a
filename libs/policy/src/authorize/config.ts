import type { AccessRule } from "@tandem/contracts/route";
import { isScope, scopePattern } from "@tandem/contracts/scope";
import { distinct } from "@tandem/platform/config/distinct";
import { expectations } from "@tandem/platform/config/expectations";
import { z } from "zod";

const aScope = "a scope: up to 128 visible characters without spaces, quotes and backslashes";
const aName = "a name: lower-case letters, digits and dashes, at most 64";
const aCaller = "anonymous, authenticated, subject:NAME or client:NAME";
const aRoutePattern = "a route's name, or the beginning of several: orders-*";

const scope = z
  .string()
  .meta({ pattern: scopePattern.source })
  .register(expectations, { expected: aScope })
  .superRefine((text, context) => {
    if (isScope(text)) return;
    context.addIssue({ code: "custom", message: `found ${JSON.stringify(text)}`, params: { expected: aScope } });
  });

const name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
  .register(expectations, { expected: aName });

/** What a claim may hold: any text, within reason. */
const claim = z.string().min(1).max(256);

function several<Item extends z.ZodType<string, string>>(item: Item, what: string) {
  return z
    .array(item)
    .min(1)
    .superRefine(distinct(what, { of: (text) => text }));
}

const scopes = several(scope, "scope");
const roles = several(claim, "role");
const routes = several(
  z
    .string()
    .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?|[a-z0-9][a-z0-9-]{0,62}-?\*|\*)$/)
    .register(expectations, { expected: aRoutePattern }),
  "route",
);

const needsSchema = z
  .strictObject({
    scopes: scopes.optional().meta({ description: "All of these scopes." }),
    roles: roles.optional().meta({ description: "One of these roles." }),
    tenant: claim.optional().meta({ description: "The caller's tenant." }),
    policies: several(name, "policy").optional().meta({ description: "The leave of one of these policies." }),
  })
  .superRefine((needs, context) => {
    if (Object.keys(needs).length > 0) return;
    context.addIssue({
      code: "custom",
      message: "found nothing",
      params: { expected: "scopes, roles, tenant or policies" },
    });
  });

/** The `allow` of a route. It has no default: a route that does not say who may take it does not load. */
export const accessRuleSchema = z
  .union([z.enum(["anyone", "authenticated"]), needsSchema])
  .register(expectations, { expected: "who may take the route: anyone, authenticated, or { scopes: [a, b] }" })
  .transform((allow): AccessRule => (typeof allow === "string" ? { kind: allow } : ruleOf(allow)))
  .meta({
    description:
      "Who may take the route; of several needs all must be met. `scopes` means all of them, `roles` one of them, `policies` the leave of one of them.",
  });

function ruleOf({ scopes: needed, roles: any, tenant, policies }: z.output<typeof needsSchema>): AccessRule {
  const others = { ...(any && { roles: any }), ...(tenant !== undefined && { tenant }), ...(policies && { policies }) };
  if (needed && Object.keys(others).length === 0) return { kind: "scopes", scopes: needed };
  return { kind: "needs", ...(needed && { scopes: needed }), ...others };
}

const ruleSchema = z.strictObject({
  name: name
    .refine((text) => text !== "default", "`default` says in the log that no rule decided")
    .meta({
      description: "Names the rule in answers, logs and metrics: policy/rule.",
    }),
  effect: z.enum(["allow", "deny"]).meta({ description: "A deny rule that matches overrides every allow." }),
  routes: routes.optional().meta({ description: "Only on these. Default: wherever the policy is in force." }),
  methods: several(z.string().regex(/^[A-Z]{1,20}$/), "method")
    .optional()
    .meta({ description: "Only these; GET implies HEAD. Default: every method." }),
  principals: several(
    z
      .string()
      .max(300)
      .regex(/^(?:anonymous|authenticated|(?:subject|client):.+)$/)
      .register(expectations, { expected: aCaller }),
    "caller",
  )
    .optional()
    .meta({ description: "One of these callers. Default: everybody." }),
  scopes: scopes.optional().meta({ description: "All of these scopes." }),
  roles: roles.optional().meta({ description: "One of these roles." }),
  tenant: claim.optional().meta({ description: "The caller's tenant." }),
  when: z.string().min(1).optional().meta({ description: "A CEL expression that must be true." }),
});

const policySchema = z.strictObject({
  name: name.meta({ description: "Names the policy in `allow`, answers, logs and metrics." }),
  mode: z
    .enum(["enforce", "shadow", "off"])
    .default("enforce")
    .meta({ description: "shadow: only logged and counted where it would decide otherwise." }),
  routes: routes.optional().meta({ description: "The routes that it guards unasked; then it can only deny." }),
  rules: z
    .array(ruleSchema)
    .min(1)
    .superRefine(distinct("rule", { of: (rule: { name: string }) => rule.name, at: ["name"] }))
    .meta({ description: "In any order: deny overrides." }),
});

/** `policies` of the routing tier. */
export const policiesSchema = z
  .array(policySchema)
  .superRefine(distinct("policy", { of: (policy: { name: string }) => policy.name, at: ["name"] }))
  .default([])
  .meta({ description: "Rules by name: routes name in `allow` those that may let callers through." });

export type PolicyOptions = z.output<typeof policySchema>;
export type RuleOptions = z.output<typeof ruleSchema>;
