import {
  assertionAudience,
  assertionIssuer,
  assertionLifetime,
  assertionType,
  type AssertionClaims,
} from "@tandem/contracts/assertion";
import { GatewayError } from "@tandem/contracts/errors";
import type { Principal } from "@tandem/contracts/principal";
import type { Clock } from "@tandem/platform/clock";
import type { CacheReading } from "../cache-reading.ts";
import { signCompact } from "../jose/sign-compact.ts";
import type { SigningKeys } from "../keys/signing-keys.ts";

interface MintOptions {
  readonly keys: SigningKeys;
  /** RFC 8705 thumbprint of the certificate that we present to the routing tier. */
  readonly holder: string | undefined;
  readonly clock: Clock;
  /** Makes the `jti`. */
  readonly newId: () => string;
}

interface Minted {
  readonly text: string;
  readonly kid: string;
  /** Epoch milliseconds at which another one is made. */
  readonly until: number;
}

/** Seconds before its expiry at which an assertion is not used any more: it has a way to go yet. */
const reserve = 10;

/** Makes assertions: one per principal at a time, kept for as long as the principal itself is. */
export class Mint implements CacheReading {
  readonly name = "minted assertions";
  /** Told once more, and made. */
  hits = 0;
  misses = 0;
  readonly #options: MintOptions;
  readonly #minted = new WeakMap<Principal, Minted>();

  constructor(options: MintOptions) {
    this.#options = options;
  }

  assertionFor(principal: Principal): string {
    const { keys, clock } = this.#options;
    const now = clock.now();
    const key = keys.newest;
    const known = this.#minted.get(principal);
    if (known && now < known.until && known.kid === key.kid) {
      this.hits++;
      return known.text;
    }
    this.misses++;
    const claims = this.#claimsFor(principal, Math.floor(now / 1000));
    const text = signCompact({ alg: "EdDSA", typ: assertionType, kid: key.kid }, claims, key.privateKey);
    // One that ends with the credential cannot be made any longer by making it again.
    const end = claims.exp - claims.iat < assertionLifetime ? claims.exp : claims.exp - reserve;
    this.#minted.set(principal, { text, kid: key.kid, until: end * 1000 });
    return text;
  }

  /** Throws where no assertion could be made of this principal; makes none. */
  check(principal: Principal): void {
    this.#claimsFor(principal, Math.floor(this.#options.clock.now() / 1000));
  }

  #claimsFor(
    { subject, client, scopes, roles, tenant, audiences, method, issuer, expires }: Principal,
    iat: number,
  ): AssertionClaims {
    const { holder, newId } = this.#options;
    const exp = Math.min(iat + assertionLifetime, Math.floor(expires ?? Infinity));
    if (exp <= iat) throw new GatewayError("token.expired");
    return {
      iss: assertionIssuer,
      aud: assertionAudience,
      jti: newId(),
      iat,
      exp,
      sub: subject,
      ...(client !== undefined && { client }),
      scopes,
      roles,
      ...(tenant !== undefined && { tenant }),
      ...(audiences !== undefined && { audiences }),
      auth: method,
      ...(issuer !== undefined && { via: issuer }),
      ...(holder !== undefined && { cnf: { "x5t#S256": holder } }),
    };
  }
}
