import type { AuthenticationMethod, Principal } from "@tandem/contracts/principal";
import { claimAt, type ClaimPath, type ClaimPaths } from "../issuers/claim-path.ts";
import type { Issuer } from "../issuers/issuer.ts";
import { tokenError } from "./token-error.ts";

type Claims = Readonly<Record<string, unknown>>;

/** RFC 7519 §4.1.2, RFC 9068 §2.2, OpenID Connect Core §2; `scp`, `roles` and `tenant` are what many have come to use. */
const standard = {
  subject: ["sub"],
  client: ["client_id"],
  authorizedParty: ["azp"],
  scope: ["scope"],
  scopes: ["scp"],
  roles: ["roles"],
  tenant: ["tenant"],
} as const;

/** The last second of the year 9999. Whoever counts milliseconds goes beyond it, and would never expire. */
const lastSecond = 253_402_300_799;

const mostAudiences = 16;
const longestAudience = 256;

/** By what claims are judged: those of an issuer, or of whoever else vouches for them. */
export interface ClaimRules extends Pick<Issuer, "issuer" | "clockSkew"> {
  /** Nothing where whoever vouches has looked at the audience. */
  readonly audiences: readonly string[] | undefined;
  readonly maxLifetime?: number | undefined;
  readonly claims?: ClaimPaths | undefined;
  readonly method?: AuthenticationMethod;
}

/** Judges the claims of a token that is proved, and says who calls. `now` is epoch milliseconds. */
export function principalOf(claims: Claims, issuer: ClaimRules, now: number): Principal {
  const expires = checkTimes(claims, issuer, now);
  const audiences = checkAudience(claims["aud"], issuer);
  const paths = issuer.claims ?? {};
  const subject = textAt(claims, paths.subject ?? standard.subject);
  if (subject === undefined) throw refused("it names no subject");
  const client = paths.client
    ? textAt(claims, paths.client)
    : (textAt(claims, standard.client) ?? textAt(claims, standard.authorizedParty));
  const tenant = textAt(claims, paths.tenant ?? standard.tenant);
  return Object.freeze({
    subject,
    ...(client !== undefined && { client }),
    scopes: Object.freeze(scopesOf(claims, paths.scopes)),
    roles: Object.freeze(listAt(claims, paths.roles ?? standard.roles)),
    ...(tenant !== undefined && { tenant }),
    ...(audiences.length > 0 && { audiences: Object.freeze(audiences) }),
    method: issuer.method ?? "jwt",
    issuer: issuer.issuer,
    expires,
  });
}

/** Gives the second at which the token stops being accepted, the skew included: until then nothing derived from it is late. */
function checkTimes(claims: Claims, { clockSkew, maxLifetime }: ClaimRules, now: number): number {
  const expiry = timeOf(claims, "exp");
  const start = timeOf(claims, "nbf");
  const issued = timeOf(claims, "iat");
  if (expiry === undefined) throw refused("it does not say when it expires");
  if (now >= expiry + clockSkew) throw tokenError("token.expired");
  if (start !== undefined && now < start - clockSkew) throw tokenError("token.not-yet-valid");
  if (issued !== undefined && now < issued - clockSkew)
    throw tokenError("token.not-yet-valid", "it is from the future");
  if (maxLifetime !== undefined) {
    if (issued === undefined) throw refused("it does not say when it was issued");
    if (expiry - issued > maxLifetime) throw refused("it lives too long");
  }
  return (expiry + clockSkew) / 1000;
}

/** Gives those that the principal is told to have: they travel in a header, which must not grow with the token. */
function checkAudience(audience: unknown, { audiences }: ClaimRules): readonly string[] {
  const named = typeof audience === "string" ? [audience] : (audience ?? []);
  if (!isTexts(named)) throw refused("its aud is neither a text nor a list of texts");
  if (audiences && !named.some((one) => audiences.includes(one))) throw tokenError("token.audience");
  return named.filter((one) => one.length <= longestAudience).slice(0, mostAudiences);
}

/** RFC 7519 NumericDate, as milliseconds. */
function timeOf(claims: Claims, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) throw refused(`its ${name} is not a number`);
  if (Math.abs(value) > lastSecond) throw refused(`its ${name} is no time in seconds`);
  return value * 1000;
}

/** Texts end up in logs and headers: what could end a line there is refused here. */
function textAt(claims: Claims, path: ClaimPath): string | undefined {
  const value = claimAt(claims, path);
  if (value === undefined) return undefined;
  if (!isText(value)) throw refused(`its ${nameOf(path)} is not a plain text`);
  return value;
}

function wordsIn(value: unknown, path: ClaimPath): readonly string[] {
  if (value !== "" && !isText(value)) throw refused(`its ${nameOf(path)} is not a plain text`);
  return value.split(" ").filter((word) => word !== "");
}

function listAt(claims: Claims, path: ClaimPath): readonly string[] {
  const value = claimAt(claims, path);
  if (value === undefined) return [];
  if (typeof value === "string") return wordsIn(value, path);
  if (!isTexts(value)) throw refused(`its ${nameOf(path)} is not a list of texts`);
  return value;
}

/** Where scopes are written one after the other, one with a space in it would become two. */
function scopesOf(claims: Claims, mapped: ClaimPath | undefined): readonly string[] {
  const scope = mapped ? undefined : claimAt(claims, standard.scope);
  if (scope !== undefined) return wordsIn(scope, standard.scope);
  const path = mapped ?? standard.scopes;
  const scopes = listAt(claims, path);
  if (scopes.some((one) => one.includes(" "))) throw refused(`its ${nameOf(path)} holds a scope with a space in it`);
  return scopes;
}

const nameOf = (path: ClaimPath): string => path.join(".");

const refused = (detail: string) => tokenError("token.claims", detail);

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);

const isText = (value: unknown): value is string => typeof value === "string" && /^\P{Cc}+$/u.test(value);
