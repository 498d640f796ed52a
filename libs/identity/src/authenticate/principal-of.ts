import type { AuthenticationMethod, Principal } from "@tandem/contracts/principal";
import type { Issuer } from "../issuers/issuer.ts";
import { tokenError } from "./token-error.ts";

type Claims = Readonly<Record<string, unknown>>;

/** By what claims are judged: those of an issuer, or of whoever else vouches for them. */
export interface ClaimRules extends Pick<Issuer, "issuer" | "clockSkew"> {
  /** Nothing where whoever vouches has looked at the audience. */
  readonly audiences: readonly string[] | undefined;
  readonly maxLifetime?: number | undefined;
  readonly method?: AuthenticationMethod;
}

/** Judges the claims of a token that is proved, and says who calls. `now` is epoch milliseconds. */
export function principalOf(claims: Claims, issuer: ClaimRules, now: number): Principal {
  const expires = checkTimes(claims, issuer, now);
  checkAudience(claims["aud"], issuer);
  const subject = textOf(claims, "sub");
  if (subject === undefined) throw refused("it names no subject");
  const client = textOf(claims, "client_id") ?? textOf(claims, "azp");
  const tenant = textOf(claims, "tenant");
  return Object.freeze({
    subject,
    ...(client !== undefined && { client }),
    scopes: Object.freeze(claims["scope"] === undefined ? listOf(claims, "scp") : wordsOf(claims, "scope")),
    roles: Object.freeze(listOf(claims, "roles")),
    ...(tenant !== undefined && { tenant }),
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

function checkAudience(audience: unknown, { audiences }: ClaimRules): void {
  const named = typeof audience === "string" ? [audience] : (audience ?? []);
  if (!isTexts(named)) throw refused("its aud is neither a text nor a list of texts");
  if (audiences && !named.some((one) => audiences.includes(one))) throw tokenError("token.audience");
}

/** RFC 7519 NumericDate, as milliseconds. */
function timeOf(claims: Claims, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) throw refused(`its ${name} is not a number`);
  return value * 1000;
}

/** Texts end up in logs and headers: what could end a line there is refused here. */
function textOf(claims: Claims, name: string): string | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (!isText(value)) throw refused(`its ${name} is not a plain text`);
  return value;
}

function wordsOf(claims: Claims, name: string): readonly string[] {
  const value = claims[name];
  if (value !== "" && !isText(value)) throw refused(`its ${name} is not a plain text`);
  return value.split(" ").filter((word) => word !== "");
}

function listOf(claims: Claims, name: string): readonly string[] {
  const value = claims[name];
  if (value === undefined) return [];
  if (typeof value === "string") return wordsOf(claims, name);
  if (!isTexts(value)) throw refused(`its ${name} is not a list of texts`);
  return value;
}

const refused = (detail: string) => tokenError("token.claims", detail);

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);

const isText = (value: unknown): value is string => typeof value === "string" && /^\P{Cc}+$/u.test(value);
