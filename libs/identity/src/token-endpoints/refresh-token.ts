import type { TokenFacts } from "./access-token.ts";
import { issueToken } from "./access-token.ts";
import type { Confirmation } from "../authenticate/verified.ts";
import type { ClientOptions } from "../issuers/config.ts";
import type { Family } from "./family.ts";
import type { Grant } from "./grant.ts";
import { grantedScopes } from "./granted-scopes.ts";
import { holdTo, refusedAs, type Proved } from "./hold-to.ts";
import { OAuthError } from "./oauth-error.ts";
import type { FoundToken } from "./refresh-families.ts";
import { bothOf } from "./shown-confirmation.ts";

/** RFC 6749 §6: what was granted once is granted again, for as long as nothing of it was taken back. */
export const refreshToken: Grant = async ({ form, client, request, shown }, granting) => {
  if (!client.refresh) throw new OAuthError("unauthorized_client", "this client has no refresh tokens");
  const token = form.get("refresh_token");
  if (token === undefined) throw new OAuthError("invalid_request", "refresh_token is missing");
  const { families, conditions } = granting;
  const found = await families.find(token);
  if (!found || found.family.client !== client.id) throw notGood();
  const facts = factsOf(found.family, client, shown);
  for (const proved of provedBy(found, facts))
    await holdTo(conditions, proved, { request, shown }).catch(refusedAs("invalid_grant"));
  const scopes = grantedScopes(form.get("scope"), facts.scopes);
  // A token is given up last: until then, whatever fails leaves it as it was.
  const answer = await issueToken({ ...facts, scopes }, granting);
  const next = await families.rotate(found);
  if (next === undefined)
    throw new OAuthError("invalid_grant", "the refresh token was used before: its session has ended");
  return { ...answer, refresh_token: next };
};

/** What was granted, as far as the client may still have it: what it was registered with may have changed since. */
function factsOf(family: Family, client: ClientOptions, shown: Confirmation | undefined): TokenFacts {
  const { id, subject, audience, confirmation, actor, origin, expires } = family;
  return {
    client,
    subject,
    scopes: family.scopes.filter((scope) => client.scopes.includes(scope)),
    roles: family.roles.filter((role) => client.roles.includes(role)),
    tenant: origin ? family.tenant : client.tenant,
    audience,
    confirmation: bothOf(shown, confirmation),
    actor,
    expires,
    session: id,
  };
}

/** By what a refresh token can be taken back: as what it is, and as what it was exchanged for. */
function* provedBy({ digest, family }: FoundToken, facts: TokenFacts): Generator<Proved> {
  const { subject, scopes, roles, confirmation } = facts;
  const principal = {
    subject,
    client: family.client,
    scopes,
    roles,
    method: "client-secret",
    issuer: family.iss,
  } as const;
  const marks = { session: family.id, issuedAt: family.issuedAt };
  yield { digest, verified: { principal, marks, confirmation } };
  if (family.origin) yield { digest: family.origin.digest, verified: family.origin };
}

/** One answer for all: whether a token ever was good, whose, and since when it is not. */
const notGood = (): OAuthError => new OAuthError("invalid_grant", "the refresh token is not good, or not any more");
