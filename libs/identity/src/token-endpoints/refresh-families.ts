import { createHmac, hash, randomBytes } from "node:crypto";
import type { Clock } from "@tandem/platform/clock";
import { StoreUnavailable, type Store } from "@tandem/platform/store/store";
import type { EmbeddedIssuerOptions } from "../issuers/config.ts";
import { createMarkedSecret, isMarkedSecret } from "../marked-secret.ts";
import { TooManyRevocations } from "../revocation/revocation-feed.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { readFamily, readKeptToken, type Family, type Granted, type KeptToken } from "./family.ts";

/** What every refresh token begins with, so that scanners find one that leaked. */
const prefix = "tdr";

/** Beyond the end of every access token that may be on its way when a family ends. */
const afterwards = 60_000;

/** A refresh token that was good once, and may still be. */
export interface FoundToken {
  readonly token: string;
  /** Its SHA-256, in base64url. */
  readonly digest: string;
  readonly life: number;
  readonly family: Family;
}

interface FamilyParts {
  readonly issuer: EmbeddedIssuerOptions;
  readonly store: Store;
  readonly clock: Clock;
  readonly revocations?: Revocations | undefined;
}

/** Tells a text that can only be a refresh token, be it a good one or not. */
export const isMarkedAsRefresh = (text: string): boolean => text.startsWith(`${prefix}_`);

/**
 * Refresh tokens that are good for one use. The store has each under its SHA-256, as long as it can be used: for so long an
 * old one is known when it comes again. A family is there until it ends, and nothing puts it back.
 */
export class RefreshFamilies {
  readonly #parts: FamilyParts;

  constructor(parts: FamilyParts) {
    this.#parts = parts;
  }

  /** Begins a family that ends by a time in epoch seconds at the latest, and gives its first token. */
  async begin(granted: Granted, notAfter = Infinity): Promise<string> {
    const { issuer, store, clock } = this.#parts;
    const now = clock.now();
    const end = Math.min(now + issuer.refreshTokens.lifetime, notAfter * 1000);
    const times = { issuedAt: Math.floor(now / 1000), expires: end / 1000 };
    const family: Family = { ...granted, iss: issuer.issuer, ...times };
    await store.set(familyKey(family.id), JSON.stringify(family), wholeMs(end - now));
    return this.#keep(createMarkedSecret(prefix), family);
  }

  /** Finds what a refresh token is one of, be it the last or an old one; nothing where the family has ended. */
  async find(token: string): Promise<FoundToken | undefined> {
    const { issuer, store, clock } = this.#parts;
    if (!isMarkedSecret(token, prefix)) return undefined;
    const digest = hash("sha256", token, "base64url");
    const kept = readKeptToken(await store.get(tokenKey(digest)));
    const family = kept && readFamily(await store.get(familyKey(kept.family)));
    // Gateways of another issuer may share the store.
    if (!family || family.iss !== issuer.issuer) return undefined;
    // Its access tokens end with it: one of less than a second is none.
    if (clock.now() + 1000 > family.expires * 1000) return undefined;
    return { token, digest, life: kept.life, family };
  }

  /**
   * Ends a token and gives the next; of many who try at once the first alone gets one. Whoever comes later has what was
   * stolen, or was stolen from: nobody can tell, so the family ends, and nothing is given. Only within the grace do all
   * get the same next one.
   */
  async rotate(found: FoundToken): Promise<string | undefined> {
    const { issuer, store } = this.#parts;
    const { digest, life, family } = found;
    const { grace } = issuer.refreshTokens;
    const next = createMarkedSecret(prefix, grace > 0 ? await this.#nextBits(found) : undefined);
    // Kept before the old one ends: what fails in between costs nobody their token.
    await this.#keep(next, family);
    const { count, ttlMs } = await store.increment(`refresh-used:${digest}`, life);
    if (count === 1 || life - ttlMs < grace) return next;
    await this.end(family);
    return undefined;
  }

  /** Ends a family, and takes back the access tokens that were given with it, where anything can be taken back. */
  async end({ id, iss }: Family): Promise<void> {
    const { issuer, store, clock, revocations } = this.#parts;
    // In this order: where the first fails, another try still finds the family.
    const until = clock.now() + issuer.lifetime + afterwards;
    try {
      await revocations?.revoke({ kind: "session", session: id, issuer: iss }, until, { byClient: true });
    } catch (error) {
      // Its access tokens end by themselves then; it must not go on because others have taken all the place.
      if (error instanceof TooManyRevocations) await store.delete(familyKey(id));
      throw error;
    }
    await store.delete(familyKey(id));
  }

  async #keep(token: string, family: Family): Promise<string> {
    const { issuer, store, clock } = this.#parts;
    const life = wholeMs(Math.min(issuer.refreshTokens.idle, family.expires * 1000 - clock.now()));
    const kept: KeptToken = { family: family.id, life };
    await store.set(tokenKey(hash("sha256", token, "base64url")), JSON.stringify(kept), life);
    return token;
  }

  /**
   * The same for all who use a token within the grace. It takes the token, which the store does not have, and what the
   * store has for little longer than that: neither alone leads to the next token.
   */
  async #nextBits({ token, digest }: FoundToken): Promise<Buffer> {
    const { issuer, store } = this.#parts;
    const key = `refresh-next:${digest}`;
    const fresh = randomBytes(32).toString("base64url");
    const isFirst = await store.setIfAbsent(key, fresh, issuer.refreshTokens.grace + afterwards);
    const bits = isFirst ? fresh : await store.get(key);
    if (bits === undefined) throw new StoreUnavailable("what the next refresh token is made of has just expired");
    return createHmac("sha256", bits).update(token).digest();
  }
}

const tokenKey = (digest: string): string => `refresh:${digest}`;
const familyKey = (id: string): string => `refresh-family:${id}`;

const wholeMs = (ms: number): number => Math.max(1, Math.floor(ms));
