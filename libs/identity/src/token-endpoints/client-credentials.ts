import { grantedScopes } from "./granted-scopes.ts";
import { issueToken } from "./access-token.ts";
import type { Grant } from "./grant.ts";

/** RFC 6749 §4.4: the client asks in its own name. */
export const clientCredentials: Grant = (form, client, { issuer, clock }) =>
  issueToken({ client, scopes: grantedScopes(form.get("scope"), client.scopes) }, issuer, clock);
