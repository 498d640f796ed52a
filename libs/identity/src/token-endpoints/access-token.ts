import { randomUUID } from "node:crypto";
import type { Clock } from "@tandem/platform/clock";
import { SignJWT } from "jose";
import type { ClientOptions } from "../issuers/config.ts";
import type { EmbeddedIssuer } from "../issuers/issuer.ts";

interface Grant {
  readonly client: ClientOptions;
  readonly scopes: readonly string[];
}

/** The answer to a token request (RFC 6749 §5.1). */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly scope: string;
}

/**
 * Signs an access token (RFC 9068) with the newest key. Every claim is made here, from the registration and the clock:
 * there is no way by which a request could bring one.
 */
export async function issueToken(
  { client, scopes }: Grant,
  issuer: EmbeddedIssuer,
  clock: Clock,
): Promise<TokenAnswer> {
  const { issuer: iss, audience, lifetime } = issuer.options;
  const { kid, algorithm, privateKey } = issuer.keys.newest;
  const iat = Math.floor(clock.now() / 1000);
  const seconds = Math.floor(lifetime / 1000);
  const scope = scopes.join(" ");
  const claims = {
    iss,
    sub: client.id,
    client_id: client.id,
    aud: audience.length === 1 ? audience.join() : [...audience],
    exp: iat + seconds,
    iat,
    jti: randomUUID(),
    ...(scope && { scope }),
    ...(client.roles.length > 0 && { roles: [...client.roles] }),
    ...(client.tenant !== undefined && { tenant: client.tenant }),
  };
  const token = await new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: "at+jwt", kid }).sign(privateKey);
  return { access_token: token, token_type: "Bearer", expires_in: seconds, scope };
}
