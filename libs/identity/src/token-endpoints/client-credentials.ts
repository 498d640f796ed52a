import { giveTokens } from "./give-tokens.ts";
import type { Grant } from "./grant.ts";
import { grantedScopes } from "./granted-scopes.ts";

/** RFC 6749 §4.4: the client asks in its own name. */
export const clientCredentials: Grant = async ({ form, client, shown }, granting) => {
  const { id: subject, roles, tenant } = client;
  const scopes = grantedScopes(form.get("scope"), client.scopes);
  return giveTokens({ client, subject, scopes, roles, tenant, confirmation: shown }, granting);
};
