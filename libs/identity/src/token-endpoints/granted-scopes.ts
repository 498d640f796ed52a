import { isScope } from "@tandem/contracts/scope";
import { OAuthError } from "./oauth-error.ts";

/** What a client gets of what it asks for: all of it, or an error; without asking, everything that it may have. */
export function grantedScopes(asked: string | undefined, allowed: readonly string[]): readonly string[] {
  if (asked === undefined) return allowed;
  const scopes = [...new Set(asked.split(" "))];
  if (!scopes.every((scope) => isScope(scope) && allowed.includes(scope)))
    throw new OAuthError("invalid_scope", "a scope is not a scope, or not one of this client's");
  return scopes;
}
