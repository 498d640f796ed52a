/** Every way in which a caller can have proved who they are. */
export const authenticationMethods = ["none", "jwt", "opaque", "client-secret", "api-key", "certificate"] as const;

export type AuthenticationMethod = (typeof authenticationMethods)[number];

/** Who calls, as the security tier found out and the routing tier believes. */
export interface Principal {
  readonly subject: string;
  readonly client?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly tenant?: string;
  /** For whom the access token is meant, where one says so; the first of them, where there are many. */
  readonly audiences?: readonly string[];
  readonly method: AuthenticationMethod;
  /** The `iss` that vouched for the caller. */
  readonly issuer?: string;
  /** Epoch seconds after which the credential no longer proves anything. */
  readonly expires?: number;
}

/** The caller that presented no credential at all. */
export const anonymous: Principal = Object.freeze({
  subject: "anonymous",
  scopes: Object.freeze([]),
  roles: Object.freeze([]),
  method: "none",
});

/** Tells whether nobody has proved anything. */
export const isAnonymous = (principal: Principal): boolean => principal.method === "none";
