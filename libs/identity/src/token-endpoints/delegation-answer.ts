import { scopePattern } from "@tandem/contracts/scope";
import { z } from "zod";
import type { DelegationOptions } from "../issuers/delegation-config.ts";
import { hasDuplicateMembers } from "@tandem/kernel/duplicate-members";

/** What a delegated client may do. */
export interface DelegatedRights {
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly tenant: string | undefined;
}

/** Nothing else: a server that says 200 and `"valid": false` must not be heard to say yes. */
const answerSchema = z.strictObject({
  client_id: z.string().optional(),
  scopes: z.array(z.string().regex(scopePattern)).max(100),
  roles: z.array(z.string().min(1).max(128)).max(100).default([]),
  tenant: z.string().min(1).max(128).optional(),
});

type Limits = Pick<DelegationOptions, "scopes" | "roles" | "tenants">;

/**
 * Reads what an authentication server says of a client, and leaves of it what the configuration allows. Throws a plain
 * error where it is no such answer, or one about another client or tenant; the error quotes nothing of it.
 */
export function rightsOfAnswer(body: string, id: string, { scopes, roles, tenants }: Limits): DelegatedRights {
  const { success, data, error } = answerSchema.safeParse(parsed(body));
  if (!success) throw new Error(`its answer is none: ${placesOf(error).join(", ")}`);
  if (data.client_id !== undefined && data.client_id !== id) throw new Error("its answer is about another client");
  // Without its tenant a client would be everybody's: to leave it out is no way to give less.
  if (data.tenant !== undefined && tenants !== "any" && !tenants.includes(data.tenant))
    throw new Error("its answer names a tenant that no client of it may have");
  return {
    scopes: scopes.filter((scope) => data.scopes.includes(scope)),
    roles: roles.filter((role) => data.roles.includes(role)),
    tenant: data.tenant,
  };
}

function placesOf({ issues }: z.ZodError): string[] {
  const places = issues.map(({ code, path }) =>
    code === "unrecognized_keys" ? "members that are not known" : path.join("."),
  );
  return [...new Set(places.map((place) => place || "all of it"))];
}

function parsed(body: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Error("its answer is not JSON");
  }
  if (hasDuplicateMembers(body, value)) throw new Error("its answer names a member twice");
  return value;
}
