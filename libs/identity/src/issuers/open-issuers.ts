import { readFile } from "node:fs/promises";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { readKeySetDocument } from "../jose/key-set-document.ts";
import type { KeySource } from "../keys/key-source.ts";
import { openSigningKeys, type SigningKeys } from "../keys/signing-keys.ts";
import { CachedKeys } from "./cached-keys.ts";
import type { EmbeddedIssuerOptions, IssuerOptions, JwtIssuerOptions } from "./config.ts";
import { discoverJwks } from "./discover-jwks.ts";
import { fetchDocument } from "./fetch-document.ts";
import type { EmbeddedIssuer, Issuer, Issuers } from "./issuer.ts";

interface Surroundings {
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

/** Replicas of this gateway share one key directory but not one clock. */
const ownClockSkew = 5000;

/**
 * Opens the key sources of all issuers, once per generation. Key files and directories must be there; who gives
 * keys over the network is asked at once but not waited for, because a gateway should start while an issuer is down.
 */
export async function openIssuers(options: readonly IssuerOptions[], surroundings: Surroundings): Promise<Issuers> {
  const byIss = new Map<string, Issuer>();
  let embedded: EmbeddedIssuer | undefined;
  const close = (): void => {
    for (const { keys } of byIss.values()) keys.close();
  };
  try {
    for (const issuer of options) {
      if (issuer.type === "embedded") {
        const keys = await openSigningKeys(issuer.keys, { algorithm: "RS256", logger: surroundings.logger });
        embedded = { options: issuer, keys };
        byIss.set(issuer.issuer, ourselves(issuer, keys));
      } else if (issuer.type === "jwt") byIss.set(issuer.issuer, await stranger(issuer, surroundings));
    }
  } catch (error) {
    close();
    throw error;
  }
  return { byIss, embedded, close };
}

/** The issuer that we are, as those who verify its tokens see it. */
export function ourselves({ name, issuer, audience }: EmbeddedIssuerOptions, keys: SigningKeys): Issuer {
  return {
    name,
    issuer,
    audiences: audience,
    algorithms: ["RS256"],
    tokenType: "at+jwt",
    clockSkew: ownClockSkew,
    maxLifetime: undefined,
    claims: {},
    keys,
  };
}

async function stranger(options: JwtIssuerOptions, surroundings: Surroundings): Promise<Issuer> {
  const { name, issuer, audience, algorithms, tokenType, clockSkew, maxLifetime, claims } = options;
  const keys = await keysOf(options, surroundings);
  return { name, issuer, audiences: audience, algorithms, tokenType, clockSkew, maxLifetime, claims, keys };
}

async function keysOf(options: JwtIssuerOptions, surroundings: Surroundings): Promise<KeySource> {
  const { name, issuer, jwks, keys: file, algorithms, staleFor } = options;
  const { clock = systemClock, fetch = globalThis.fetch } = surroundings;
  const shared = { algorithms, clock, staleFor, logger: surroundings.logger.child({ issuer: name }) };
  if (file !== undefined) {
    const load = async () => ({ text: await readFile(file, "utf8") });
    try {
      readKeySetDocument((await load()).text, algorithms);
    } catch (cause) {
      throw new Error(`issuer ${name}: the keys in ${file} cannot be used`, { cause });
    }
    return new CachedKeys(load, { ...shared, freshFor: 5000, coolDown: 1000 });
  }
  const fetching = (url: string) => fetchDocument(url, { fetch, timeout: 3000, limit: 262_144 });
  // Each look asks anew where the keys are, so that the issuer may move them.
  const load = async () => fetching(jwks ?? (await discoverJwks(issuer, fetching)));
  const source = new CachedKeys(load, shared);
  // A failure is logged where it happens, and tried again with the first token.
  void Promise.resolve(source.keys()).catch(() => {});
  return source;
}
