import { hash } from "node:crypto";
import type { Principal } from "@tandem/contracts/principal";
import type { Clock } from "@tandem/platform/clock";
import { Strategy, type StrategyOptionsWithRequest, type VerifyCallbackWithRequest } from "passport-jwt";
import type { Issuer, Issuers } from "../issuers/issuer.ts";
import type { CompactJws } from "../jose/compact-jws.ts";
import { isSignedBy, signatureLength, type VerificationKey } from "../jose/verification-key.ts";
import { principalOf } from "./principal-of.ts";
import { issuerOf, keyFor, readToken } from "./read-token.ts";
import { tokenError } from "./token-error.ts";
import type { VerifiedTokens } from "./verified-tokens.ts";

/** What passport hands its strategy in place of a request: one token, and what was found out about it on the way. */
export class PresentedToken {
  readonly text: string;
  readonly digest: string;
  issuer: Issuer | undefined;
  key: VerificationKey | undefined;

  constructor(text: string) {
    this.text = text;
    this.digest = hash("sha256", text, "base64url");
  }
}

interface JwtStrategyOptions {
  readonly issuers: Issuers;
  readonly clock: Clock;
  /** Where a token that proved good is noted. */
  readonly tokens: VerifiedTokens;
}

type Claims = Readonly<Record<string, unknown>>;

/** passport-jwt as we use it. Its types ask for an Express request, which it only hands on to our own functions. */
interface PassportJwt {
  authenticate(presented: object): void;
  success(principal: Principal): void;
  fail(reason: unknown, status: number): void;
  error(error: unknown): void;
}
type Verifying = new (
  options: StrategyOptionsWithRequest,
  verify: VerifyCallbackWithRequest<PresentedToken>,
) => PassportJwt;
const VerifyingStrategy: Verifying = Strategy;

/**
 * passport-jwt with two things before it: the strict form, and a key that is bound to its issuer and its algorithm. What
 * it is handed is a token and the one key that must have signed it. EdDSA, which it cannot do, is checked beside it. Our own refusals are told as errors: what is told as a failure is the verifier's. Fields are not `#private`: passport works on an object derived from this one.
 */
export class JwtStrategy extends VerifyingStrategy {
  private readonly issuers: Issuers;
  private readonly admit: (presented: PresentedToken, claims: Claims) => Principal;

  constructor({ issuers, clock, tokens }: JwtStrategyOptions) {
    const admit = ({ digest, issuer }: PresentedToken, claims: Claims): Principal => {
      if (!issuer) throw new TypeError("a token was verified that has no issuer");
      const principal = principalOf(claims, issuer, clock.now());
      tokens.remember(digest, principal);
      return principal;
    };
    super(
      {
        jwtFromRequest: ({ text }: PresentedToken) => text,
        // The types know only PEM text; what verifies takes a KeyObject, at half the price.
        secretOrKeyProvider: ({ key }: PresentedToken, _: string, done: (error: null, key: any) => void) =>
          done(null, key?.key),
        algorithms: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
        // The times are judged by our clock and the issuer's skew, with all other claims.
        ignoreExpiration: true,
        jsonWebTokenOptions: { ignoreNotBefore: true },
        passReqToCallback: true,
      },
      (presented, claims, done) => {
        try {
          done(null, admit(presented, claims));
        } catch (error) {
          done(error);
        }
      },
    );
    this.issuers = issuers;
    this.admit = admit;
  }

  override authenticate(presented: object): void {
    if (!(presented instanceof PresentedToken)) throw new TypeError("the jwt strategy is for tokens");
    try {
      const jws = readToken(presented.text);
      presented.issuer = issuerOf(jws, this.issuers);
      const key = keyFor(jws, presented.issuer);
      if (!(key instanceof Promise)) return this.prove(presented, jws, key);
      key.then((found) => this.prove(presented, jws, found)).catch((error: unknown) => this.error(error));
    } catch (error) {
      this.error(error);
    }
  }

  private prove(presented: PresentedToken, jws: CompactJws, key: VerificationKey): void {
    presented.key = key;
    // The verifier of ECDSA signatures takes another length for a mistake of its caller.
    if (jws.signature.length !== signatureLength(key)) throw tokenError("token.signature");
    if (key.algorithm !== "EdDSA") return this.verify(presented);
    if (!isSignedBy(key, jws.signingInput, jws.signature)) throw tokenError("token.signature");
    this.success(this.admit(presented, jws.payload));
  }

  private verify(presented: PresentedToken): void {
    try {
      super.authenticate(presented);
    } catch (error) {
      this.fail(error, 401);
    }
  }
}
