/** Who may take a route: anyone, anyone authenticated, a caller that holds every scope named, or one that meets several needs at once. */
export type AccessRule =
  | { readonly kind: "anyone" }
  | { readonly kind: "authenticated" }
  | { readonly kind: "scopes"; readonly scopes: readonly string[] }
  | ({ readonly kind: "needs" } & AccessNeeds);

/** All of them must be met. */
export interface AccessNeeds {
  /** Every one of these. */
  readonly scopes?: readonly string[];
  /** One of these. */
  readonly roles?: readonly string[];
  readonly tenant?: string;
  /** The leave of one of these policies, by name. */
  readonly policies?: readonly string[];
}

/** What a service can be told of the caller. */
export type IdentityFact = "subject" | "client" | "scopes" | "roles" | "tenant" | "method" | "issuer";

/** How it is told: not at all, in headers by name, in a token signed for it alone, or by the client's own credential. */
export type UpstreamIdentity =
  | { readonly kind: "none" }
  | { readonly kind: "headers"; readonly headers: Readonly<Record<string, IdentityFact>> }
  | { readonly kind: "token"; readonly audience: string }
  | { readonly kind: "credential" };

/** One route of a generation, as the stages after `matchRoute` see it. */
export interface Route {
  readonly name: string;
  /** Absent where the route leads to no service, or to one that is chosen for each request. */
  readonly service?: string | undefined;
  readonly allow: AccessRule;
  /** Default: none. */
  readonly identity?: UpstreamIdentity;
}

/** What the policy decided about a request, and why; it stands in the record, the log and the explanation. */
export interface AccessDecision {
  readonly effect: "allow" | "deny";
  /** Names the rule that decided: `policy/rule`, or what the route itself asks for. */
  readonly rule: string;
  readonly reason: string;
  /** Scopes that the caller would have to hold as well. */
  readonly missing?: readonly string[];
  /** No credential would have helped: the caller was refused for something else. */
  readonly regardless?: true;
  /** The allow rules that came nearest, and what each missed; not for the client. */
  readonly nearest?: readonly NearMiss[];
  /** Where policies that are only watched would have decided otherwise. */
  readonly shadows?: readonly ShadowDecision[];
}

/** A rule that did not match, and why. */
export interface NearMiss {
  readonly rule: string;
  readonly missed: readonly string[];
}

/** What a policy in shadow would have made of the decision. */
export interface ShadowDecision {
  readonly policy: string;
  /** The rule that would have decided; `default` where none of its rules would have allowed it. */
  readonly rule: string;
  readonly effect: "allow" | "deny";
}
