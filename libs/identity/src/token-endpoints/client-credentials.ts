import { grantedScopes } from "./granted-scopes.ts";
import { issueToken } from "./access-token.ts";
import type { Grant } from "./grant.ts";

/** RFC 6749 §4.4: the client asks in its own name. */
export const clientCredentials: Grant = async (form, client, issuing) => {
  const { id: subject, roles, tenant } = client;
  const scopes = grantedScopes(form.get("scope"), client.scopes);
  return issueToken({ client, subject, scopes, roles, tenant }, issuing);
};
