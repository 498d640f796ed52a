import {
  assertionAudience,
  assertionIssuer,
  assertionLifetime,
  assertionSkew,
  assertionType,
  type AssertionClaims,
} from "@tandem/contracts/assertion";
import { anonymous, type Principal } from "@tandem/contracts/principal";
import type { Clock } from "@tandem/platform/clock";
import type { CacheReading } from "../cache-reading.ts";
import { MalformedJws, readCompactJws, type CompactJws } from "../jose/compact-jws.ts";
import { isSignedBy, type VerificationKey } from "../jose/verification-key.ts";
import type { KeySource } from "../keys/key-source.ts";
import { TwoGenerations } from "../two-generations.ts";
import { isAssertionClaims } from "./assertion-claims.ts";
import { assertionError } from "./assertion-error.ts";

/** An assertion whose signature and claims are right; when, and from whom, is looked at with every request. */
export interface Accepted {
  readonly principal: Principal;
  /** The certificate that has to present it. */
  readonly holder: string | undefined;
  /** Epoch milliseconds, the skew included. */
  readonly from: number;
  readonly until: number;
}

/** A token of 8 KiB, and what the assertion says beyond it. */
const longest = 12_288;

/** Verifies each distinct assertion once. */
export class AssertionVerifier implements CacheReading {
  readonly name = "accepted assertions";
  hits = 0;
  misses = 0;
  readonly #keys: KeySource;
  readonly #clock: Clock;
  readonly #accepted: TwoGenerations<Accepted>;

  constructor(keys: KeySource, clock: Clock, capacity: number) {
    this.#keys = keys;
    this.#clock = clock;
    this.#accepted = new TwoGenerations(capacity);
    keys.onChange(() => this.#accepted.clear());
  }

  /** A promise only where newer keys have to be looked for. */
  accept(text: string): Accepted | Promise<Accepted> {
    const known = this.#accepted.get(text);
    if (known) {
      this.hits++;
      return this.#inTime(known);
    }
    this.misses++;
    return this.judge(text, true);
  }

  /** Looks at it as if for the first time; what nobody sent is counted and kept nowhere. */
  judge(text: string, keep = false): Accepted | Promise<Accepted> {
    if (text.length > longest) throw assertionError("assertion.malformed", "it is too long");
    const jws = read(text);
    const keys = this.#keys.keys();
    const key = keys instanceof Promise ? undefined : keyOf(jws, keys);
    if (!key) return this.#admitLater(text, jws, keep);
    const accepted = this.#admit(jws, key);
    if (keep) this.#accepted.set(text, accepted);
    return accepted;
  }

  get size(): number {
    return this.#accepted.size;
  }

  async #admitLater(text: string, jws: CompactJws, keep: boolean): Promise<Accepted> {
    const key = keyOf(jws, await this.#keys.renew());
    if (!key) throw assertionError("assertion.signature");
    const accepted = this.#admit(jws, key);
    if (keep) this.#accepted.set(text, accepted);
    return accepted;
  }

  #admit({ payload, signingInput, signature }: CompactJws, key: VerificationKey): Accepted {
    if (!isSignedBy(key, signingInput, signature)) throw assertionError("assertion.signature");
    if (!isAssertionClaims(payload))
      throw assertionError("assertion.malformed", "a claim is missing or of the wrong type");
    if (payload.iss !== assertionIssuer)
      throw assertionError("assertion.malformed", "it is not from the security tier");
    if (payload.aud !== assertionAudience) throw assertionError("assertion.audience");
    if (payload.exp - payload.iat > assertionLifetime) throw assertionError("assertion.expired", "it lives too long");
    return this.#inTime({
      principal: principalOf(payload),
      holder: payload.cnf?.["x5t#S256"],
      from: (payload.iat - assertionSkew) * 1000,
      until: (payload.exp + assertionSkew) * 1000,
    });
  }

  #inTime(accepted: Accepted): Accepted {
    const now = this.#clock.now();
    if (now < accepted.from || now >= accepted.until) throw assertionError("assertion.expired");
    return accepted;
  }
}

function read(text: string): CompactJws {
  try {
    const jws = readCompactJws(text);
    const { alg, typ, kid } = jws.header;
    if (alg !== "EdDSA") throw new MalformedJws("its algorithm is not EdDSA");
    if (typ !== assertionType) throw new MalformedJws("it is another kind of token");
    if (typeof kid !== "string") throw new MalformedJws("it names no key");
    return jws;
  } catch (error) {
    if (error instanceof MalformedJws) throw assertionError("assertion.malformed", error.message);
    throw error;
  }
}

const keyOf = ({ header }: CompactJws, keys: readonly VerificationKey[]): VerificationKey | undefined =>
  keys.find(({ kid, algorithm }) => kid === header["kid"] && algorithm === "EdDSA");

function principalOf({ sub, client, scopes, roles, tenant, audiences, auth, via, exp }: AssertionClaims): Principal {
  // Whoever has proved nothing has no rights, whatever else is written there.
  if (auth === "none") return anonymous;
  return Object.freeze({
    subject: sub,
    ...(client !== undefined && { client }),
    scopes: Object.freeze(scopes),
    roles: Object.freeze(roles),
    ...(tenant !== undefined && { tenant }),
    ...(audiences !== undefined && { audiences: Object.freeze(audiences) }),
    method: auth,
    ...(via !== undefined && { issuer: via }),
    expires: exp,
  });
}
