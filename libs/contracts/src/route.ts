/** Who may take a route: anyone, anyone authenticated, or a caller that holds every scope named. */
export type AccessRule =
  | { readonly kind: "anyone" }
  | { readonly kind: "authenticated" }
  | { readonly kind: "scopes"; readonly scopes: readonly string[] };

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
  /** Names the rule that decided. */
  readonly rule: string;
  readonly reason: string;
  readonly missing?: readonly string[];
}
