import { apiKeyChallenge } from "@tandem/contracts/challenge";
import { GatewayError, type ProblemCode } from "@tandem/contracts/errors";
import type { Clock } from "@tandem/platform/clock";
import { StoreUnavailable } from "@tandem/platform/store/store";
import { OwnStrategy } from "../authenticate/own-strategy.ts";
import type { Presented } from "../authenticate/presented.ts";
import type { Kind } from "../authenticate/strategy.ts";
import type { Verified } from "../authenticate/verified.ts";
import { unavailable } from "../unavailable.ts";
import { stateOf, type ApiKey } from "./api-key.ts";
import { isApiKeySecret } from "./api-key-secret.ts";
import type { ApiKeys } from "./api-keys.ts";

interface ApiKeyOptions {
  readonly keys: ApiKeys;
  readonly clock: Clock;
  /** Told of a good key, before it is remembered for a while: not with every request. */
  readonly used: (id: string) => void;
  /** Milliseconds for which a verdict is believed, where nothing tells of changes. */
  readonly keepFor?: number | undefined;
}

/** API keys, in `X-API-Key`. */
export function apiKeyKind({ keys, clock, used, keepFor }: ApiKeyOptions): Kind {
  const judge = (key: ApiKey | undefined, { digest, dry }: Presented): Verified => {
    const verified = { ...verify(key, digest, clock.now()), keepFor };
    if (key && !dry) used(key.id);
    return verified;
  };
  const find = (presented: Presented): Verified | Promise<Verified> => {
    if (!isApiKeySecret(presented.text)) throw refused("credentials.invalid", "it is malformed");
    const found = keys.find(presented.digest);
    if (!(found instanceof Promise)) return judge(found, presented);
    return found.then((key) => judge(key, presented)).catch(withoutStore);
  };
  return {
    name: "api-key",
    strategy: new OwnStrategy(find),
    onChange: (listener) => keys.onChange(listener),
  };
}

/** Whoever has a secret that was never good learns nothing; whoever has one that was, why it is not any more. */
function verify(key: ApiKey | undefined, digest: string, now: number): Verified {
  if (!key) throw refused("credentials.invalid", "nobody has such a key");
  const isCurrent = key.hash === digest;
  const until = isCurrent ? Infinity : key.previous.find(({ hash }) => hash === digest)?.until;
  if (until === undefined) throw refused("credentials.invalid", `the key ${key.id} has other secrets`);
  const state = stateOf(key, now);
  if (state === "revoked") throw refused("credentials.invalid", `the key ${key.id} is revoked`);
  if (state === "expired") throw refused("credentials.expired", `the key ${key.id} has expired`);
  if (now >= until) throw refused("credentials.expired", `the key ${key.id} was rotated`);
  const expires = Math.min(until, key.expiresAt ?? Infinity);
  const { id, owner, scopes, roles, tenant, createdAt, rotatedAt = createdAt } = key;
  const principal = Object.freeze({
    subject: owner,
    client: id,
    scopes: Object.freeze(scopes),
    roles: Object.freeze(roles),
    ...(tenant !== undefined && { tenant }),
    method: "api-key" as const,
    ...(expires < Infinity && { expires: Math.floor(expires / 1000) }),
  });
  return { principal, marks: { issuedAt: Math.floor((isCurrent ? rotatedAt : createdAt) / 1000) } };
}

/** The reason is for the log. */
function refused(code: ProblemCode, reason: string): GatewayError {
  return new GatewayError(code, { cause: new Error(reason), headers: { "www-authenticate": apiKeyChallenge } });
}

function withoutStore(error: unknown): never {
  throw error instanceof StoreUnavailable ? unavailable(error) : error;
}
