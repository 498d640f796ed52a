import type { AccessRule } from "@tandem/contracts/route";
import { z } from "zod";

const scopeToken = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "a scope is visible ASCII without spaces, quotes and backslashes (RFC 6749)")
  .max(128);

const scopes = z
  .array(scopeToken)
  .min(1, "name at least one scope, or write authenticated")
  .superRefine((names, context) => {
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index)
        context.addIssue({ code: "custom", path: [index], message: `the scope ${name} is named twice` });
  });

/** The `allow` of a route. It has no default: a route that does not say who may take it does not load. */
export const accessRuleSchema = z
  .union([z.enum(["anyone", "authenticated"]), z.strictObject({ scopes })], {
    error: (issue) =>
      issue.input === undefined
        ? "says who may take the route: anyone, authenticated, or { scopes: [a, b] }"
        : "expected anyone, authenticated, or { scopes: [a, b] }",
  })
  .transform((allow): AccessRule =>
    typeof allow === "string" ? { kind: allow } : { kind: "scopes", scopes: allow.scopes },
  )
  .meta({ description: "Who may take the route. `scopes` means all of them." });
