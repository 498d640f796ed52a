import { randomUUID } from "node:crypto";
import type { Clock } from "@tandem/platform/clock";
import type { Store } from "@tandem/platform/store/store";
import { SignJWT, type JWTPayload } from "jose";
import type { Confirmation } from "../authenticate/verified.ts";
import type { ClientOptions } from "../issuers/config.ts";
import type { EmbeddedIssuer } from "../issuers/issuer.ts";
import { keepToken } from "../opaque/kept-token.ts";

/** For whom a token is, and what it may say of them: all that a grant decides. */
export interface TokenFacts {
  /** To whom it is given; the subject is another where the client acts for somebody. */
  readonly client: ClientOptions;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly tenant: string | undefined;
  /** What whoever presents it must prove to hold. */
  readonly confirmation?: Confirmation | undefined;
  /** For whom it is meant, where that is fewer than the issuer's audience. */
  readonly audience?: readonly string[] | undefined;
  /** Epoch seconds beyond which it must not live, however long others do. */
  readonly expires?: number | undefined;
  /** The family of refresh tokens in which it is given, with which it ends. */
  readonly session?: string | undefined;
  /** Who acts for the subject. */
  readonly actor?: Actor | undefined;
}

/** RFC 8693 §4.1: who acts, and for whom that one acted in turn before. */
export interface Actor {
  readonly sub: string;
  readonly act?: Actor | undefined;
}

/** What a token is made with. */
export interface Issuing {
  readonly issuer: EmbeddedIssuer;
  readonly store: Store;
  readonly clock: Clock;
}

/** The answer to a token request (RFC 6749 §5.1). */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: "Bearer" | "DPoP";
  readonly expires_in: number;
  readonly scope: string;
}

/**
 * Makes an access token, in the form that the client has: a JWT (RFC 9068), or a text that stands for the same claims in
 * the store. The claims are named here, one by one, and come from the facts and the clock: there is no way by which a
 * request could bring another, or one of the reserved.
 */
export async function issueToken(facts: TokenFacts, { issuer, store, clock }: Issuing): Promise<TokenAnswer> {
  const iat = Math.floor(clock.now() / 1000);
  const exp = Math.min(iat + Math.floor(issuer.options.lifetime / 1000), Math.floor(facts.expires ?? Infinity));
  const scope = facts.scopes.join(" ");
  const claims = claimsOf(facts, issuer, { iat, exp });
  const token =
    facts.client.tokens === "opaque"
      ? await keepToken(claims, Math.max(1, exp * 1000 - clock.now()), store)
      : await signed(claims, issuer);
  const type = facts.confirmation?.key === undefined ? "Bearer" : "DPoP";
  return { access_token: token, token_type: type, expires_in: exp - iat, scope };
}

function signed(claims: JWTPayload, { keys }: EmbeddedIssuer): Promise<string> {
  const { kid, algorithm: alg, privateKey } = keys.newest;
  return new SignJWT(claims).setProtectedHeader({ alg, typ: "at+jwt", kid }).sign(privateKey);
}

interface Times {
  readonly iat: number;
  readonly exp: number;
}

function claimsOf(facts: TokenFacts, { options }: EmbeddedIssuer, { iat, exp }: Times) {
  const { client, subject, scopes, roles, tenant, confirmation, session, actor } = facts;
  const { issuer: iss } = options;
  const audience = facts.audience ?? options.audience;
  return {
    iss,
    sub: subject,
    client_id: client.id,
    aud: audience.length === 1 ? audience.join() : [...audience],
    exp,
    iat,
    jti: randomUUID(),
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    ...(roles.length > 0 && { roles: [...roles] }),
    ...(tenant !== undefined && { tenant }),
    ...(confirmation && { cnf: cnfOf(confirmation) }),
    ...(session !== undefined && { sid: session }),
    ...(actor && { act: actor }),
  };
}

/** RFC 8705 §3.1, RFC 9449 §6. */
const cnfOf = ({ certificate, key }: Confirmation): Readonly<Record<string, string>> => ({
  ...(certificate !== undefined && { "x5t#S256": certificate }),
  ...(key !== undefined && { jkt: key }),
});
