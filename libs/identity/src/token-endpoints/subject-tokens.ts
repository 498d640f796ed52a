import type { RequestView } from "@tandem/kernel/request-view";
import type { Store } from "@tandem/platform/store/store";
import { judge } from "../authenticate/judge.ts";
import { Presented } from "../authenticate/presented.ts";
import { readToken } from "../authenticate/read-token.ts";
import type { Kind, KindName } from "../authenticate/strategy.ts";
import type { Verified } from "../authenticate/verified.ts";
import { claimsOfKept, isMarkedAsOurs } from "../opaque/kept-token.ts";
import { tokenDigest } from "../revocation/token-digest.ts";
import { refusedAs, type Proved } from "./hold-to.ts";
import { OAuthError } from "./oauth-error.ts";

/** RFC 8693 §3, and one of our own. */
export const tokenTypes = {
  accessToken: "urn:ietf:params:oauth:token-type:access_token",
  jwt: "urn:ietf:params:oauth:token-type:jwt",
  apiKey: "urn:tandem:token-type:api-key",
} as const;

/** Who stands behind a token that was handed in to be exchanged. */
export interface Subject extends Proved {
  readonly kind: KindName;
  /** What the token says; nothing of a credential that says nothing. */
  readonly claims: Readonly<Record<string, unknown>>;
}

interface SubjectParts {
  /** Those that `authenticate` takes: what is good there can be exchanged here. */
  readonly kinds: readonly Kind[];
  readonly store: Store;
}

/** Verifies a token of a type, as it would be verified if it came with a request. */
export type SubjectTokens = (type: string, text: string, request: RequestView) => Promise<Subject>;

/** Verifies the tokens that clients hand in. */
export function subjectTokens({ kinds, store }: SubjectParts): SubjectTokens {
  const accepted = new Map(kinds.map((kind) => [kind.name, kind]));

  const claimsOf = async (name: KindName, { text, digest }: Presented) => {
    if (name === "jwt") return readToken(text).payload;
    return (name === "opaque" && (await claimsOfKept(digest, store))) || {};
  };

  return async (type, text, { peer }) => {
    const name = kindOf(type, text);
    const kind = name && accepted.get(name);
    if (!kind) throw new OAuthError("invalid_request", "a subject token of this type is not accepted here");
    const presented = new Presented({ kind: kind.name, text }, peer);
    const verified: Verified = await judge(kind, presented).catch(refusedAs("invalid_request"));
    return { kind: kind.name, verified, digest: tokenDigest(text), claims: await claimsOf(kind.name, presented) };
  };
}

function kindOf(type: string, text: string): KindName | undefined {
  if (type === tokenTypes.apiKey) return "api-key";
  if (type === tokenTypes.jwt || (type === tokenTypes.accessToken && text.includes("."))) return "jwt";
  // Of others' opaque tokens nobody here knows exactly when they end.
  return type === tokenTypes.accessToken && isMarkedAsOurs(text) ? "opaque" : undefined;
}
