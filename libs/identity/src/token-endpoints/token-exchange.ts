import { isScope } from "@tandem/contracts/scope";
import type { ClientOptions } from "../issuers/config.ts";
import { issueToken, type TokenFacts } from "./access-token.ts";
import { actorOf, checkMayAct } from "./actor-of.ts";
import { giveTokens } from "./give-tokens.ts";
import type { Grant, GrantRequest, Granting } from "./grant.ts";
import { holdTo, refusedAs } from "./hold-to.ts";
import { OAuthError } from "./oauth-error.ts";
import type { Form } from "./read-form.ts";
import { bothOf } from "./shown-confirmation.ts";
import { tokenTypes, type Subject } from "./subject-tokens.ts";

/** RFC 8693: a token that somebody trusted gave becomes one of ours, for the client that acts with it. */
export const tokenExchange: Grant = async (asked, granting) => {
  const { form, client } = asked;
  if (!client.exchange) throw new OAuthError("unauthorized_client", "this client may not exchange tokens");
  if (form.has("actor_token") || form.has("actor_token_type"))
    throw new OAuthError("invalid_request", "no actor token is accepted here: who acts is the client");
  const issued = issuedType(form, client);
  const subject = await subjectOf(asked, granting);
  const facts = factsOf(subject, asked, granting);
  const { verified, digest, kind } = subject;
  const { principal, marks } = verified;
  // Nothing tells a family that an API key was revoked, so whoever has one asks with it anew.
  const answer = await (kind === "api-key"
    ? issueToken(facts, granting)
    : giveTokens(facts, granting, { digest, principal, marks }));
  return { ...answer, issued_token_type: issued };
};

async function subjectOf({ form, request, shown }: GrantRequest, { subjects, conditions }: Granting): Promise<Subject> {
  const [text, type] = [form.get("subject_token"), form.get("subject_token_type")];
  if (text === undefined || type === undefined)
    throw new OAuthError("invalid_request", "subject_token or subject_token_type is missing");
  const subject = await subjects(type, text, request);
  await holdTo(conditions, subject, { request, shown }).catch(refusedAs("invalid_request"));
  return subject;
}

function factsOf(subject: Subject, { form, client, shown }: GrantRequest, { issuer, clock }: Granting): TokenFacts {
  const { verified, claims } = subject;
  const { principal, confirmation, marks } = verified;
  const { issuer: iss, clients, audience } = issuer.options;
  const isOurs = principal.issuer === iss;
  checkMayAct(claims, client.id, iss);
  if (!isOurs && principal.issuer !== undefined && clients.some(({ id }) => id === principal.subject))
    throw new OAuthError("invalid_request", "the subject token's subject is the name of a client here");
  // Without the skew that is allowed to the token itself: what comes of it ends no later than it says.
  const expires = typeof claims["exp"] === "number" ? claims["exp"] : principal.expires;
  if (expires !== undefined && expires * 1000 < clock.now() + 1000)
    throw new OAuthError("invalid_request", "The token has expired");
  return {
    client,
    subject: principal.subject,
    scopes: scopesOf(form.get("scope"), client, principal.scopes),
    roles: principal.roles.filter((role) => client.roles.includes(role)),
    tenant: principal.tenant,
    confirmation: bothOf(shown, confirmation),
    audience: audienceOf(form, isOurs ? audience.filter((one) => isFor(claims["aud"], one)) : audience),
    expires,
    session: marks.session,
    actor: actorOf(client.id, claims),
  };
}

/** What all three agree on: who asks, what the client may have, and what the subject token has. */
function scopesOf(asked: string | undefined, client: ClientOptions, has: readonly string[]): readonly string[] {
  const wanted = asked === undefined ? client.scopes : [...new Set(asked.split(" "))];
  const scopes = wanted.filter((scope) => client.scopes.includes(scope) && has.includes(scope));
  if (!wanted.every(isScope) || (asked !== undefined && scopes.length === 0))
    throw new OAuthError("invalid_scope", "a scope is not a scope, or none is left of those asked for");
  return scopes;
}

/** For whom the token is to be: all that can be, or the one that `audience` or `resource` names. */
function audienceOf(form: Form, possible: readonly string[]): readonly string[] {
  const named = [form.get("audience"), form.get("resource")].filter((one) => one !== undefined);
  if (!named.every((one) => possible.includes(one)))
    throw new OAuthError("invalid_target", "no token can be had for this audience or resource");
  return named.length > 0 ? [...new Set(named)] : possible;
}

const isFor = (aud: unknown, one: string): boolean => (Array.isArray(aud) ? aud.includes(one) : aud === one);

function issuedType(form: Form, { tokens }: ClientOptions): string {
  const wanted = form.get("requested_token_type") ?? tokenTypes.accessToken;
  const isJwt = wanted === tokenTypes.jwt && tokens === "jwt";
  if (wanted === tokenTypes.accessToken || isJwt) return wanted;
  throw new OAuthError("invalid_request", "a token of the requested type is not issued here");
}
