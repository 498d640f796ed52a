/** Who may take a route: anyone, anyone authenticated, or a caller that holds every scope named. */
export type AccessRule =
  | { readonly kind: "anyone" }
  | { readonly kind: "authenticated" }
  | { readonly kind: "scopes"; readonly scopes: readonly string[] };

/** One route of a generation, as the stages after `matchRoute` see it. */
export interface Route {
  readonly name: string;
  readonly service: string;
  readonly allow: AccessRule;
}

/** What the policy decided about a request, and why; it stands in the record, the log and the explanation. */
export interface AccessDecision {
  readonly effect: "allow" | "deny";
  /** Names the rule that decided. */
  readonly rule: string;
  readonly reason: string;
  readonly missing?: readonly string[];
}
