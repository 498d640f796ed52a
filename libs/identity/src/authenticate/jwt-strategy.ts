import type { Clock } from "@tandem/platform/clock";
import { Strategy, type StrategyOptionsWithRequest, type VerifyCallbackWithRequest } from "passport-jwt";
import type { Issuer, Issuers } from "../issuers/issuer.ts";
import type { CompactJws } from "../jose/compact-jws.ts";
import { isSignedBy, signatureLength, type VerificationKey } from "../jose/verification-key.ts";
import { confirmationOf } from "./confirmation-of.ts";
import { marksOf } from "./marks-of.ts";
import { Presented } from "./presented.ts";
import { principalOf } from "./principal-of.ts";
import { issuerOf, keyFor, readToken } from "./read-token.ts";
import type { CredentialStrategy, Kind } from "./strategy.ts";
import { tokenError } from "./token-error.ts";
import type { Verified } from "./verified.ts";

interface JwtStrategyOptions {
  readonly issuers: Issuers;
  readonly clock: Clock;
}

/** A token, and what has to prove it. */
interface Case {
  readonly text: string;
  readonly issuer: Issuer;
  readonly key: VerificationKey;
}

type Claims = Readonly<Record<string, unknown>>;

/** The types of passport-jwt ask for an Express request, which it only hands on to our own functions. */
const VerifyingStrategy: new (
  options: StrategyOptionsWithRequest,
  verify: VerifyCallbackWithRequest<Case>,
) => CredentialStrategy = Strategy;

/** JSON web tokens, of whichever issuer is known. */
export function jwtKind(options: JwtStrategyOptions): Kind {
  return {
    name: "jwt",
    strategy: new JwtStrategy(options),
    onChange(listener) {
      for (const { keys } of options.issuers.byIss.values()) keys.onChange(listener);
    },
  };
}

/**
 * passport-jwt with two things before it: the strict form, and a key that is bound to its issuer and its algorithm. What
 * it is handed is a token and the one key that must have signed it. EdDSA, which it cannot do, is checked beside it. Our
 * own refusals are told as errors: what is told as a failure is the verifier's. Fields are not `#private`: passport works
 * on an object derived from this one.
 */
class JwtStrategy extends VerifyingStrategy {
  private readonly issuers: Issuers;
  private readonly admit: (issuer: Issuer, key: VerificationKey, claims: Claims) => Verified;

  constructor({ issuers, clock }: JwtStrategyOptions) {
    const admit = (issuer: Issuer, key: VerificationKey, claims: Claims): Verified => {
      const principal = principalOf(claims, issuer, clock.now());
      const marks = { ...marksOf(claims), keyId: key.kid };
      return { principal, marks, confirmation: confirmationOf(claims["cnf"]) };
    };
    super(
      {
        jwtFromRequest: ({ text }: Case) => text,
        // The types know only PEM text; what verifies takes a KeyObject, at half the price.
        secretOrKeyProvider: ({ key }: Case, _: string, done: (error: null, key: any) => void) => done(null, key.key),
        algorithms: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
        // The times are judged by our clock and the issuer's skew, with all other claims.
        ignoreExpiration: true,
        jsonWebTokenOptions: { ignoreNotBefore: true },
        passReqToCallback: true,
      },
      ({ issuer, key }, claims, done) => {
        try {
          done(null, admit(issuer, key, claims));
        } catch (error) {
          done(error);
        }
      },
    );
    this.issuers = issuers;
    this.admit = admit;
  }

  override authenticate(presented: object): void {
    if (!(presented instanceof Presented)) throw new TypeError("the jwt strategy is for credentials");
    const { text } = presented;
    try {
      const jws = readToken(text);
      const issuer = issuerOf(jws, this.issuers);
      const key = keyFor(jws, issuer);
      if (!(key instanceof Promise)) return this.prove({ text, issuer, key }, jws);
      key.then((found) => this.prove({ text, issuer, key: found }, jws)).catch((error: unknown) => this.error(error));
    } catch (error) {
      this.error(error);
    }
  }

  private prove(tried: Case, jws: CompactJws): void {
    const { issuer, key } = tried;
    // The verifier of ECDSA signatures takes another length for a mistake of its caller.
    if (jws.signature.length !== signatureLength(key)) throw tokenError("token.signature");
    if (key.algorithm !== "EdDSA") return this.verify(tried);
    if (!isSignedBy(key, jws.signingInput, jws.signature)) throw tokenError("token.signature");
    this.success(this.admit(issuer, key, jws.payload));
  }

  private verify(tried: Case): void {
    try {
      super.authenticate(tried);
    } catch (error) {
      this.fail(error, 401);
    }
  }
}
