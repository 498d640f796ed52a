import { hash } from "node:crypto";
import type { Principal } from "@tandem/contracts/principal";
import type { ClientOptions } from "../issuers/config.ts";
import { methodOf } from "./client-method.ts";
import { ClientRefused } from "./client-refused.ts";
import { type ClientParts, Clients } from "./clients.ts";
import { FailureThrottle } from "./failure-throttle.ts";
import type { FormRequest } from "./form-endpoint.ts";
import { networkOf } from "./network-of.ts";
import { invalidClient, OAuthError } from "./oauth-error.ts";
import { presentedClient } from "./presented-client.ts";

/** Says which client asks, or throws; one for all endpoints, so that guesses count wherever they are made. */
export type ClientAuthentication = (asked: FormRequest) => Promise<ClientOptions>;

/** Lets clients prove who they are, and stops those who guess. */
export function clientAuthentication(parts: ClientParts): ClientAuthentication {
  const { store, clock } = parts;
  const clients = new Clients(parts);
  const throttle = new FailureThrottle({ store, clock, limit: 10, window: 60_000 });
  return async ({ form, request }) => {
    const presented = presentedClient(request.values("authorization"), form);
    const key = throttleKey(presented.id, request.clientAddress);
    let reason: string | undefined;
    const prove = async (): Promise<ClientOptions | undefined> => {
      try {
        return await clients.proved(presented, request);
      } catch (error) {
        if (!(error instanceof ClientRefused)) throw error;
        reason = error.message;
        return undefined;
      }
    };
    const attempt = await throttle.attempt(key, prove);
    if ("proved" in attempt) return attempt.proved;
    if ("failed" in attempt) throw invalidClient(reason);
    const headers = { "retry-after": String(Math.ceil(attempt.wait / 1000)) };
    throw new OAuthError("slow_down", "too many failed attempts", { status: 429, headers });
  };
}

/** The client itself, for the record. */
export const principalOfClient = (client: ClientOptions): Principal => ({
  subject: client.id,
  client: client.id,
  scopes: client.scopes,
  roles: client.roles,
  ...(client.tenant !== undefined && { tenant: client.tenant }),
  method: recordedAs[methodOf(client)],
});

const recordedAs = { client_secret: "client-secret", private_key_jwt: "jwt", tls_client_auth: "certificate" } as const;

/**
 * Failures are counted by client and address. Of the client only a part of its hash counts, so that made-up names cannot
 * fill the store, and known ones are told from unknown ones by nothing.
 */
const throttleKey = (id: string, address: string): string =>
  `token-failures:${hash("sha256", id).slice(0, 3)}:${networkOf(address)}`;
