import type { Exchange } from "@tandem/kernel/exchange";
import { hashAddress } from "./address-hash.ts";
import { cookieValue } from "./cookie.ts";
import { hashText } from "./hash-text.ts";

/** What of a request its instance follows from. */
export type HashOf = "principal" | "client" | "address" | { readonly header: string } | { readonly cookie: string };

/** Reads that of a request, as a number; undefined where it does not have it. Whoever proved nothing is no principal: all of them would be one. */
export type RequestKey = (exchange: Exchange) => number | undefined;

/** Says how that is read. */
export function requestKey(of: HashOf): RequestKey {
  if (of === "address") return ({ request }) => hashAddress(request.clientAddress);
  if (of === "client") return ({ principal }) => hashed(principal.client);
  if (of === "principal")
    return ({ principal }) => (principal.method === "none" ? undefined : hashText(principal.subject));
  if ("header" in of) return ({ request }) => hashed(request.header(of.header));
  return ({ request }) => hashed(cookieValue(request.header("cookie"), of.cookie));
}

/** In words, and only by its name: what it holds may be a secret. */
export function describeKey(of: HashOf): string {
  if (typeof of === "string") return of;
  return "header" in of ? `header ${of.header}` : `cookie ${of.cookie}`;
}

const hashed = (text: string | undefined): number | undefined => (text ? hashText(text) : undefined);
