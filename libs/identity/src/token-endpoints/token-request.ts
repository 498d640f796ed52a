import { hash } from "node:crypto";
import type { Principal } from "@tandem/contracts/principal";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Store } from "@tandem/platform/store/store";
import type { ClientOptions } from "../issuers/config.ts";
import type { EmbeddedIssuer } from "../issuers/issuer.ts";
import type { TokenAnswer } from "./access-token.ts";
import { clientCredentials } from "./client-credentials.ts";
import { Clients } from "./clients.ts";
import { FailureThrottle } from "./failure-throttle.ts";
import type { Grant } from "./grant.ts";
import { invalidClient, OAuthError } from "./oauth-error.ts";
import { presentedClient } from "./presented-client.ts";
import type { Form } from "./read-form.ts";

/** Every grant that the endpoint knows; one more is one line here, and one in the metadata. */
const grants: ReadonlyMap<string, Grant> = new Map([["client_credentials", clientCredentials]]);

/** What the endpoint works with. */
export interface TokenParts {
  readonly issuer: EmbeddedIssuer;
  readonly store: Store;
  readonly clock?: Clock;
}

interface TokenRequest {
  /** Every `authorization` header. */
  readonly authorization: readonly string[];
  readonly form: Form;
  readonly address: string;
}

interface Granted {
  readonly answer: TokenAnswer;
  /** The client, for the record. */
  readonly principal: Principal;
  readonly reason: string;
}

/** Builds the token endpoint without its HTTP: who asks, by which grant, for what. */
export function tokenService({
  issuer,
  store,
  clock = systemClock,
}: TokenParts): (asked: TokenRequest) => Promise<Granted> {
  const clients = new Clients(issuer.options.clients);
  const throttle = new FailureThrottle({ store, clock, limit: 10, window: 60_000 });

  const authenticated = async ({ authorization, form, address }: TokenRequest): Promise<ClientOptions> => {
    const presented = presentedClient(authorization, form);
    const attempt = await throttle.attempt(throttleKey(presented.id, address), () => clients.proved(presented));
    if ("proved" in attempt) return attempt.proved;
    if ("failed" in attempt) throw invalidClient();
    const headers = { "retry-after": String(Math.ceil(attempt.wait / 1000)) };
    throw new OAuthError("slow_down", "too many failed attempts", { status: 429, headers });
  };

  return async (asked) => {
    const client = await authenticated(asked);
    const type = asked.form.get("grant_type");
    if (type === undefined) throw new OAuthError("invalid_request", "grant_type is missing");
    const grant = grants.get(type);
    if (!grant) throw new OAuthError("unsupported_grant_type", "this grant is not offered here");
    const answer = await grant(asked.form, client, { issuer, store, clock });
    return { answer, principal: principalOf(client), reason: type };
  };
}

const principalOf = ({ id, scopes, roles, tenant }: ClientOptions): Principal => ({
  subject: id,
  client: id,
  scopes,
  roles,
  ...(tenant !== undefined && { tenant }),
  method: "client-secret",
});

/**
 * Failures are counted by client and address. Of the client only a part of its hash counts, so that made-up names cannot
 * fill the store, and known ones are told from unknown ones by nothing.
 */
const throttleKey = (id: string, address: string): string =>
  `token-failures:${hash("sha256", id).slice(0, 3)}:${address}`;
