import type { Principal } from "@tandem/contracts/principal";
import { systemClock, type Clock } from "@tandem/platform/clock";
import { signCompact } from "../jose/sign-compact.ts";
import type { SigningKeys } from "../keys/signing-keys.ts";
import type { ServiceTokensOptions } from "./config.ts";

interface ServiceTokensParts {
  readonly options: Pick<ServiceTokensOptions, "issuer" | "lifetime">;
  readonly keys: SigningKeys;
  /** Makes the `jti`. */
  readonly newId: () => string;
  readonly clock?: Clock;
}

interface Minted {
  readonly audience: string;
  readonly text: string;
  readonly kid: string;
  /** Epoch milliseconds at which another one is made. */
  readonly until: number;
}

/** Signs tokens that tell one service, and no other, who calls: one per principal and service for half of its life. */
export class ServiceTokens {
  readonly #options: ServiceTokensParts["options"];
  readonly #keys: SigningKeys;
  readonly #newId: () => string;
  readonly #clock: Clock;
  /** Gone with the principal, which the assertion that told of it keeps for half a minute. */
  readonly #minted = new WeakMap<Principal, Minted[]>();

  constructor({ options, keys, newId, clock = systemClock }: ServiceTokensParts) {
    this.#options = options;
    this.#keys = keys;
    this.#newId = newId;
    this.#clock = clock;
  }

  tokenFor(principal: Principal, audience: string): string {
    const now = this.#clock.now();
    const key = this.#keys.newest;
    const all = this.#minted.get(principal) ?? [];
    const known = all.find((minted) => minted.audience === audience);
    if (known && now < known.until && known.kid === key.kid) return known.text;
    const { issuer, lifetime } = this.#options;
    const iat = Math.floor(now / 1000);
    const claims = {
      ...claimsOf(principal),
      iss: issuer,
      aud: audience,
      jti: this.#newId(),
      iat,
      exp: iat + Math.floor(lifetime / 1000),
    };
    const text = signCompact({ alg: "ES256", typ: "at+jwt", kid: key.kid }, claims, key.privateKey);
    const minted: Minted = { audience, text, kid: key.kid, until: now + lifetime / 2 };
    this.#minted.set(principal, [...all.filter((one) => one !== known), minted]);
    return minted.text;
  }
}

function claimsOf({ subject, client, scopes, roles, tenant, method, issuer }: Principal): object {
  return {
    sub: subject,
    ...(client !== undefined && { client_id: client }),
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    ...(roles.length > 0 && { roles }),
    ...(tenant !== undefined && { tenant }),
    auth: method,
    ...(issuer !== undefined && { via: issuer }),
  };
}
