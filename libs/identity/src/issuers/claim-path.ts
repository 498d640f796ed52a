/** The way to a claim: the names of the members to go through, from the outermost. */
export type ClaimPath = readonly string[];

type Claims = Readonly<Record<string, unknown>>;

/** Which claims of an issuer say who calls, where they are not the standard ones. */
export interface ClaimPaths {
  readonly subject?: ClaimPath | undefined;
  readonly client?: ClaimPath | undefined;
  readonly scopes?: ClaimPath | undefined;
  readonly roles?: ClaimPath | undefined;
  readonly tenant?: ClaimPath | undefined;
}

/**
 * Reads what a person writes: a JSON pointer (RFC 6901), or names with dots between them. A name that was made unique by
 * being a URL or a URN (RFC 7519 §4.2) is one name, its dots included. Nothing where it is none of these.
 */
export function readClaimPath(text: string): ClaimPath | undefined {
  const isPointer = text.startsWith("/");
  const steps = isPointer ? text.slice(1).split("/") : /[/:]/.test(text) ? [text] : text.split(".");
  if (steps.includes("") || (isPointer && /~(?![01])/.test(text))) return undefined;
  return isPointer ? steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~")) : steps;
}

/** The claim at the end of a path; `undefined` where there is none, and `null`, which no claim of ours may be, where the way leads through something else than an object. */
export function claimAt(claims: Claims, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const step of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    // Not what every object inherits: a token must not find a role in a prototype.
    if (!Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}
