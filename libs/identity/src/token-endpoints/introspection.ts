import { GatewayError } from "@tandem/contracts/errors";
import type { RequestView } from "@tandem/kernel/request-view";
import { Presented } from "../authenticate/presented.ts";
import type { ClientOptions } from "../issuers/config.ts";
import { isMarkedAsOurs, type Claims } from "../opaque/kept-token.ts";
import type { Revocations } from "../revocation/revocations.ts";
import type { Issuing } from "./access-token.ts";
import { principalOfClient, type ClientAuthentication } from "./client-authentication.ts";
import type { FormRequest, Served } from "./form-endpoint.ts";
import { OAuthError } from "./oauth-error.ts";
import { ownAccessTokens } from "./own-access-tokens.ts";

interface IntrospectionParts extends Issuing {
  readonly revocations?: Revocations | undefined;
}

/** The one answer for what is no good token of ours, and for what is none of the client's business (RFC 7662 §2.2). */
const inactive = { active: false };

/** Builds the introspection endpoint (RFC 7662) without its HTTP: it tells of our own access tokens, and of no others. */
export function introspectionService(parts: IntrospectionParts, authenticated: ClientAuthentication) {
  const find = goodToken(parts);
  return async (asked: FormRequest): Promise<Served> => {
    const client = await authenticated(asked);
    const text = asked.form.get("token");
    if (text === undefined) throw new OAuthError("invalid_request", "token is missing");
    const claims = await find(text, asked.request);
    const principal = principalOfClient(client);
    if (!claims) return { answer: inactive, principal, reason: "not active" };
    if (!mayLearn(client, claims)) return { answer: inactive, principal, reason: "active, but not for this client" };
    return { answer: { ...claims, token_type: typeOf(claims), active: true }, principal, reason: "active" };
  };
}

/** Who asks learns of tokens that were issued to it or are meant for it, unless it is trusted with all of them. */
function mayLearn({ id, introspects }: ClientOptions, { client_id: client, aud }: Claims): boolean {
  return introspects === "any" || client === id || aud === id || (Array.isArray(aud) && aud.includes(id));
}

/** Finds the claims of a token that is good at this moment, whoever may bear it. */
function goodToken(parts: IntrospectionParts) {
  const { clock, revocations } = parts;
  const ownToken = ownAccessTokens(parts);
  return async (text: string, request: RequestView): Promise<Claims | undefined> => {
    const presented = new Presented({ kind: isMarkedAsOurs(text) ? "opaque" : "jwt", text }, request.peer);
    try {
      const { verified, claims } = await ownToken(presented);
      await revocations?.condition(verified, presented, request);
      // We forgive other clocks, but do not call active what says itself that it has ended.
      return clock.now() < Number(claims["exp"]) * 1000 ? claims : undefined;
    } catch (error) {
      if (error instanceof GatewayError && error.status === 401) return undefined;
      throw error;
    }
  };
}

const typeOf = ({ cnf }: Claims): string =>
  typeof cnf === "object" && cnf !== null && "jkt" in cnf ? "DPoP" : "Bearer";
