import { GatewayError } from "@tandem/contracts/errors";
import { isApiKeySecret } from "../api-keys/api-key-secret.ts";
import { Presented } from "../authenticate/presented.ts";
import type { ClientOptions } from "../issuers/config.ts";
import { dropToken, isMarkedAsOurs } from "../opaque/kept-token.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { tokenDigest } from "../revocation/token-digest.ts";
import type { Issuing } from "./access-token.ts";
import { principalOfClient, type ClientAuthentication } from "./client-authentication.ts";
import type { FormRequest, Served } from "./form-endpoint.ts";
import { OAuthError } from "./oauth-error.ts";
import { ownAccessTokens } from "./own-access-tokens.ts";
import { isMarkedAsRefresh, type RefreshFamilies } from "./refresh-families.ts";

interface RevocationParts extends Issuing {
  readonly families: RefreshFamilies;
  readonly revocations?: Revocations | undefined;
}

/** What became of a token, for the record: whoever asked is told of nothing but errors (RFC 7009 §2.2). */
type Outcome = "not a good token" | "token revoked" | "session ended";

/** Builds the revocation endpoint (RFC 7009) without its HTTP. A `token_type_hint` tells nothing that the token does not. */
export function revocationService(parts: RevocationParts, authenticated: ClientAuthentication) {
  const { store, families, revocations } = parts;
  const find = ownAccessTokens(parts);

  const endSession = async (text: string, client: ClientOptions): Promise<Outcome> => {
    const found = await families.find(text);
    if (!found) return "not a good token";
    checkOwner(found.family.client, client);
    await families.end(found.family);
    return "session ended";
  };

  const revokeAccess = async (presented: Presented, client: ClientOptions): Promise<Outcome> => {
    const verified = await find(presented).then(({ verified: good }) => good, nothingIfRefused);
    if (!verified) return "not a good token";
    checkOwner(verified.principal.client, client);
    const isOpaque = isMarkedAsOurs(presented.text);
    if (!revocations && !isOpaque) throw unsupported("an access token of this form ends by itself, soon");
    const until = Math.ceil((verified.principal.expires ?? 0) * 1000);
    await revocations?.revoke({ kind: "token", digest: tokenDigest(presented.text) }, until, { byClient: true });
    // Last, for what is gone would not be found by another try.
    if (isOpaque) await dropToken(presented.digest, store);
    return "token revoked";
  };

  return async (asked: FormRequest): Promise<Served> => {
    const client = await authenticated(asked);
    const text = asked.form.get("token");
    if (text === undefined) throw new OAuthError("invalid_request", "token is missing");
    if (isApiKeySecret(text)) throw unsupported("an API key is revoked by whoever administers keys");
    const reason = isMarkedAsRefresh(text)
      ? await endSession(text, client)
      : await revokeAccess(new Presented({ kind: "jwt", text }, asked.request.peer), client);
    return { answer: {}, principal: principalOfClient(client), reason };
  };
}

/** RFC 7009 §2.1: whoever finds somebody else's token can do no more with it than its owner would want. */
function checkOwner(owner: string | undefined, { id }: ClientOptions): void {
  if (owner !== id) throw new OAuthError("invalid_grant", "the token was issued to another client");
}

/** A token that is not good needs no revoking; where nobody can tell whether it is, that is another thing. */
function nothingIfRefused(error: unknown): undefined {
  if (error instanceof GatewayError && error.status === 401) return undefined;
  throw error;
}

const unsupported = (description: string): OAuthError => new OAuthError("unsupported_token_type", description);
