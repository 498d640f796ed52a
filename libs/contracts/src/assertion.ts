import type { AuthenticationMethod } from "./principal.ts";

/** The header in which the security tier vouches for the caller. */
export const assertionHeader = "tandem-assertion";

/** The header in which the security tier tells what differs by request: client address, protocol, SNI. */
export const clientHeader = "tandem-client";

/** The header in which the security tier carries the client's own credential along, where it is told to: its header's name, a blank, its value. */
export const credentialHeader = "tandem-credential";

/** The scheme of the challenge with which the routing tier refuses the security tier itself; no client can answer it. */
export const assertionScheme = "Tandem";

/** The `typ` that no other kind of token bears. */
export const assertionType = "tandem+jwt";

export const assertionIssuer = "tandem:security";
export const assertionAudience = "tandem:routing";

/** The longest an assertion may live, and the clock skew allowed on top; both in seconds. */
export const assertionLifetime = 30;
export const assertionSkew = 5;

/** What an assertion says; nothing of it belongs to a single request. */
export interface AssertionClaims {
  readonly iss: string;
  readonly aud: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly sub: string;
  readonly client?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly tenant?: string;
  /** The `aud` of the caller's own token; absent where there was none. */
  readonly audiences?: readonly string[];
  readonly auth: AuthenticationMethod;
  /** The issuer that vouched for the caller to the security tier. */
  readonly via?: string;
  /** RFC 8705: the certificate whose holder alone may present this assertion. */
  readonly cnf?: { readonly "x5t#S256": string };
}
