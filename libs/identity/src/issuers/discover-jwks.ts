import { isWithoutCredentials } from "@tandem/platform/config/url-credentials";
import { UnexpectedStatus, type FetchedDocument } from "./fetch-document.ts";
import { isTrustworthy } from "./trustworthy-url.ts";

type Fetching = (url: string) => Promise<FetchedDocument>;

/**
 * Asks an issuer where its keys are: by OpenID Connect Discovery, and by RFC 8414 where it does not know of that. Rejects
 * what it says of another issuer, and a place that anybody on the way could pass for.
 */
export async function discoverJwks(issuer: string, fetching: Fetching): Promise<string> {
  const [first, second] = metadataUrls(issuer);
  try {
    return jwksIn(await fetching(first), { issuer, url: first });
  } catch (error) {
    // Some refuse to answer for a path that they do not know; an answer that is wrong is not made good by another.
    if (!(error instanceof UnexpectedStatus) || error.status < 400 || error.status > 499) throw error;
    return jwksIn(await fetching(second), { issuer, url: second });
  }
}

/** OpenID Connect Discovery §4 puts the well-known path behind that of the issuer, RFC 8414 §3 before it. */
export function metadataUrls(issuer: string): readonly [openid: string, oauth: string] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

function jwksIn({ text }: FetchedDocument, { issuer, url }: { issuer: string; url: string }): string {
  const document: unknown = JSON.parse(text);
  if (typeof document !== "object" || document === null) throw new Error(`${url} is no JSON object`);
  const named: unknown = Reflect.get(document, "issuer");
  const place: unknown = Reflect.get(document, "jwks_uri");
  // To the letter: whoever could speak for another issuer could bring that one's keys (RFC 8414 §3.3).
  if (named !== issuer) throw new Error(`${url} is of the issuer ${JSON.stringify(named)?.slice(0, 200)}`);
  if (typeof place !== "string") throw new Error(`${url} names no jwks_uri`);
  if (!isTrustworthy(place) || !isWithoutCredentials(place) || (isSecure(issuer) && !isSecure(place)))
    throw new Error(`${url} names a jwks_uri that cannot be trusted`);
  return place;
}

const isSecure = (url: string): boolean => URL.parse(url)?.protocol === "https:";
