import type { Confirmation } from "../authenticate/verified.ts";
import { principalOfClient, type ClientAuthentication } from "./client-authentication.ts";
import { clientCredentials } from "./client-credentials.ts";
import type { FormRequest, Served } from "./form-endpoint.ts";
import type { Grant, GrantRequest, Granting } from "./grant.ts";
import { holdTo, refusedAs } from "./hold-to.ts";
import { OAuthError } from "./oauth-error.ts";
import { refreshToken } from "./refresh-token.ts";
import { shownConfirmation } from "./shown-confirmation.ts";
import { tokenExchange } from "./token-exchange.ts";

/** Every grant that the endpoint knows; one more is one line here, and one in the metadata. */
const grants: ReadonlyMap<string, Grant> = new Map([
  ["client_credentials", clientCredentials],
  ["refresh_token", refreshToken],
  ["urn:ietf:params:oauth:grant-type:token-exchange", tokenExchange],
]);

/** Builds the token endpoint without its HTTP: who asks, by which grant, for what. */
export function tokenService(granting: Granting, authenticated: ClientAuthentication) {
  return async (asked: FormRequest): Promise<Served> => {
    const client = await authenticated(asked);
    const type = asked.form.get("grant_type");
    if (type === undefined) throw new OAuthError("invalid_request", "grant_type is missing");
    const grant = grants.get(type);
    if (!grant) throw new OAuthError("unsupported_grant_type", "this grant is not offered here");
    const shown = await shownConfirmation(asked.request, client, granting.proofs);
    if (shown?.certificate !== undefined) await checkCertificate(shown, { ...asked, client }, granting);
    const answer = await grant({ ...asked, client, shown }, granting);
    return { answer, principal: principalOfClient(client), reason: type };
  };
}

/** A certificate may have been taken back: what would be bound to it is not given at all. Of the client itself nothing is asked. */
async function checkCertificate(shown: Confirmation, { client, request }: GrantRequest, { conditions }: Granting) {
  const verified = { principal: principalOfClient(client), marks: { issuedAt: Infinity }, confirmation: shown };
  await holdTo(conditions, { verified, digest: "" }, { request, shown }).catch(refusedAs("invalid_request"));
}
