import { hash } from "node:crypto";
import type { Clock } from "@tandem/platform/clock";
import type { Store } from "@tandem/platform/store/store";
import { keyFor } from "../authenticate/read-token.ts";
import type { EmbeddedIssuer } from "../issuers/issuer.ts";
import type { CompactJws } from "../jose/compact-jws.ts";
import { isSignedBy, type VerificationKey } from "../jose/verification-key.ts";
import type { KeySource } from "../keys/key-source.ts";
import { asRefusal, ClientRefused } from "./client-refused.ts";
import { endpoints } from "./metadata.ts";

interface AssertionParts {
  readonly issuer: EmbeddedIssuer;
  readonly store: Store;
  readonly clock: Clock;
}

/** Seconds. What is kept for once only should not be kept for long, and what lives longer was made in advance. */
const longest = 300;
/** Seconds that a client's clock may differ from ours. */
const skew = 30;

/** What an assertion may call itself: one that is marked as something else was made for something else. */
const types = ["jwt", "client-authentication+jwt"];

/** Holds the assertions of clients (RFC 7523 §3, OpenID Connect Core §9) to what each has to say, once only. */
export class ClientAssertions {
  readonly #parts: AssertionParts;
  readonly #audiences: readonly unknown[];

  constructor(parts: AssertionParts) {
    const { issuer } = parts.issuer.options;
    this.#parts = parts;
    this.#audiences = [issuer, `${issuer}${endpoints.token}`];
  }

  /** Rejects with ClientRefused where the assertion is not that client's, or not good, or not good any more. */
  async judge(id: string, jws: CompactJws): Promise<void> {
    const { issuer, clock } = this.#parts;
    const keys = issuer.clientKeys.get(id);
    if (!keys) throw new ClientRefused("it is not registered with keys");
    checkType(jws);
    const key = await keyOf(jws, keys);
    if (!isSignedBy(key, jws.signingInput, jws.signature))
      throw new ClientRefused("the assertion's signature is wrong");
    // Nothing was believed of it up to here.
    const { iss, sub, aud } = jws.payload;
    if (iss !== id || sub !== id) throw new ClientRefused("the assertion's iss and sub are not both the client's id");
    const [only, ...more] = Array.isArray(aud) ? aud : [aud];
    if (more.length > 0 || !this.#audiences.includes(only))
      throw new ClientRefused("the assertion's aud is not this issuer, or not it alone");
    const expires = checkTimes(jws, clock.now() / 1000);
    await this.#spend(id, jws, expires);
  }

  /** What was seen once, at any gateway, is not good again. Without the store nobody can tell. */
  async #spend(id: string, { payload: { jti } }: CompactJws, expires: number): Promise<void> {
    const { issuer, store, clock } = this.#parts;
    if (typeof jti !== "string" || jti === "" || jti.length > 256)
      throw new ClientRefused("the assertion's jti is not a short text");
    const key = `client-assertion:${hash("sha256", JSON.stringify([issuer.options.issuer, id, jti]), "base64url")}`;
    const left = Math.max(1, Math.ceil((expires + skew) * 1000 - clock.now()));
    if (!(await store.setIfAbsent(key, "1", left))) throw new ClientRefused("the assertion was used before");
  }
}

async function keyOf(jws: CompactJws, keys: KeySource): Promise<VerificationKey> {
  try {
    return await keyFor(jws, { keys });
  } catch (error) {
    return asRefusal(error);
  }
}

function checkType({ header: { typ, cty } }: CompactJws): void {
  const isMarkedOtherwise =
    typ !== undefined && !(typeof typ === "string" && types.includes(typ.toLowerCase().replace(/^application\//, "")));
  if (isMarkedOtherwise || cty !== undefined) throw new ClientRefused("the assertion is marked as something else");
}

/** Gives the end of it; all in epoch seconds. */
function checkTimes({ payload: { exp, iat, nbf } }: CompactJws, now: number): number {
  if (!isTime(exp)) throw new ClientRefused("the assertion does not say when it ends");
  if (exp + skew <= now) throw new ClientRefused("the assertion has expired");
  if (exp > now + longest + skew) throw new ClientRefused("the assertion's end is too far away");
  if (iat !== undefined) {
    if (!isTime(iat) || iat > now + skew || iat > exp) throw new ClientRefused("the assertion's iat cannot be");
    if (exp - iat > longest) throw new ClientRefused("the assertion lives too long");
  }
  if (nbf !== undefined && !(isTime(nbf) && nbf <= now + skew))
    throw new ClientRefused("the assertion is not valid yet");
  return exp;
}

const isTime = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
