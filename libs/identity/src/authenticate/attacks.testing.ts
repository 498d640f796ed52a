import type { ProblemCode } from "@tandem/contracts/errors";
import { jwtKind } from "./jwt-strategy.ts";
import { authenticate } from "./stage.ts";
import { createTestKey, issuersOf, issuerWith, signatureOf, signToken, sourceOf } from "./testing.ts";

/** A bad token, what it is refused for, and the good token from which it differs in just that; `good` where none is given. */
export interface Attack {
  readonly name: string;
  readonly token: string;
  readonly control?: string;
  readonly code: ProblemCode;
  /** What the public detail must say, where several attacks share a code. */
  readonly saying?: RegExp;
}

export const now = 1_700_000_000;
export const rsa = createTestKey("RS256", "rsa");
export const es = createTestKey("ES256", "es");
export const ed = createTestKey("EdDSA", "ed");
/** The other issuer's, under a key id that ours has too. */
export const stranger = createTestKey("RS256", "rsa");
export const iss = "https://issuer.test";
export const other = "https://other.test";
/** Marks its access tokens. */
export const marked = "https://marked.test";
/** Issues for ten minutes at most. */
export const brief = "https://brief.test";
export const claims = { iss, aud: "api", sub: "me", iat: now, exp: now + 600 };
export const good = signToken(rsa, claims);
export const goodEd = signToken(ed, claims);
export const goodEs = signToken(es, claims);

/** The stage under attack, at the second for which the tokens are made. */
export function attackedStage() {
  const keys = sourceOf(rsa.verification, es.verification, ed.verification);
  const issuers = issuersOf(
    issuerWith({ issuer: iss, keys }),
    issuerWith({ issuer: other, keys: sourceOf(stranger.verification), audiences: ["other-api"] }),
    issuerWith({ issuer: marked, keys, tokenType: "at+jwt" }),
    issuerWith({ issuer: brief, keys, maxLifetime: 600_000 }),
  );
  const clock = { now: () => now * 1000, monotonic: () => 0 };
  return authenticate({ kinds: [jwtKind({ issuers, clock })], clock });
}

export const withClaims = (more: object): string => signToken(rsa, { ...claims, ...more });
export const withHeader = (header: object): string => signToken(rsa, claims, header);
/** Signs texts that no serializer would write. */
export const signedTexts = (header: string, payload: string): string => {
  const input = [header, payload].map((text) => Buffer.from(text).toString("base64url")).join(".");
  return `${input}.${signatureOf(rsa, input).toString("base64url")}`;
};
export const inputOf = (token: string): string => token.slice(0, token.lastIndexOf("."));
/** What `good` is made of, as texts for `signedTexts`. */
export const json = JSON.stringify(claims);
export const headerJson = '{"alg":"RS256","kid":"rsa"}';
