import { systemClock } from "@tandem/platform/clock";
import { openSigningKeys, type SigningKeys } from "../keys/signing-keys.ts";
import type { EmbeddedIssuerOptions, IssuerOptions, JwtIssuerOptions } from "./config.ts";
import type { EmbeddedIssuer, Issuer, Issuers } from "./issuer.ts";
import { openClientKeys } from "./open-client-keys.ts";
import { openKeys, type KeyPlace, type Surroundings } from "./open-keys.ts";

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
    for (const keys of embedded?.clientKeys.values() ?? []) keys.close();
  };
  try {
    for (const issuer of options) {
      if (issuer.type === "embedded") {
        const { logger, clock = systemClock } = surroundings;
        const keys = await openSigningKeys(issuer.keys, { algorithm: "RS256", logger, clock });
        byIss.set(issuer.issuer, ourselves(issuer, keys));
        embedded = { options: issuer, keys, clientKeys: await openClientKeys(issuer.clients, surroundings) };
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
  const { name, issuer, audience, algorithms, tokenType, clockSkew, maxLifetime, claims, staleFor } = options;
  const whose = `issuer ${name}`;
  const logger = surroundings.logger.child({ issuer: name });
  const keys = await openKeys({ whose, from: placeOf(options), algorithms, staleFor }, { ...surroundings, logger });
  return { name, issuer, audiences: audience, algorithms, tokenType, clockSkew, maxLifetime, claims, keys };
}

function placeOf({ issuer, jwks, keys }: JwtIssuerOptions): KeyPlace["from"] {
  if (keys !== undefined) return { file: keys };
  return jwks === undefined ? { issuer } : { url: jwks };
}
