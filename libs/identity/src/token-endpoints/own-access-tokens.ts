import { judge } from "../authenticate/judge.ts";
import { jwtKind } from "../authenticate/jwt-strategy.ts";
import type { Presented } from "../authenticate/presented.ts";
import { ourselves } from "../issuers/open-issuers.ts";
import { readCompactJws } from "../jose/compact-jws.ts";
import { isMarkedAsOurs } from "../opaque/kept-token.ts";
import { ownTokens, type OwnToken } from "../opaque/own-tokens.ts";
import type { Issuing } from "./access-token.ts";

/** Judges access tokens that we issued, of either form, and those alone; rejects with 401 what is none, or none any more. */
export function ownAccessTokens({ issuer, store, clock }: Issuing): (presented: Presented) => Promise<OwnToken> {
  const { options, keys } = issuer;
  const opaque = ownTokens({ issuer: options, store, clock });
  const byIss = new Map([[options.issuer, ourselves(options, keys)]]);
  const jwt = jwtKind({ issuers: { byIss, embedded: issuer, close: () => {} }, clock });
  return async (presented) => {
    if (isMarkedAsOurs(presented.text)) return opaque(presented);
    const verified = await judge(jwt, presented);
    return { verified, claims: readCompactJws(presented.text).payload };
  };
}
