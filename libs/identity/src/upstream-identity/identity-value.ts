import type { Principal } from "@tandem/contracts/principal";
import type { IdentityFact } from "@tandem/contracts/route";

const plain = /^[!-$&-~](?:[ -$&-~]*[!-$&-~])?$/;

/**
 * Writes a fact of the caller as a header value; lists with spaces between. Whatever is not visible ASCII, and the percent
 * sign itself, is percent-encoded as UTF-8: no name that somebody chose can end a line or begin another header.
 */
export function identityValue(principal: Principal, fact: IdentityFact): string | undefined {
  const value = principal[fact];
  if (value === undefined) return undefined;
  if (typeof value === "string") return encoded(value);
  return value.length === 0 ? undefined : value.map((one) => encoded(one).replaceAll(" ", "%20")).join(" ");
}

const encoded = (text: string): string => (plain.test(text) ? text : encodeURIComponent(text.toWellFormed()));
